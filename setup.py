"""Compile every kernel in ``native/`` into ``emotiond.native``; everything else is in pyproject.toml."""

import sysconfig
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

# What every x86-64 of the last fifteen years has; ARMv8 needs no word. Never the machine at hand: wheels travel.
baseline = ["-march=x86-64-v2"] if sysconfig.get_platform() == "linux-x86_64" else []
kernels = [
    Extension(
        f"emotiond.native.{source.stem}",
        [str(source)],
        extra_compile_args=["-O3", "-Wno-unreachable-code", *baseline],
        extra_link_args=["-Wl,-s"],
    )
    for source in sorted(Path("native").glob("*.pyx"))
]

setup(ext_modules=cythonize(kernels, build_dir="build/cython", include_path=["native"]))
