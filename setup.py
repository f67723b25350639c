"""Compile every kernel in ``native/`` into ``emotiond.native``; everything else is in pyproject.toml."""

from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

kernels = [
    Extension(
        f"emotiond.native.{source.stem}",
        [str(source)],
        extra_compile_args=["-O3", "-Wno-unreachable-code"],
        extra_link_args=["-Wl,-s"],
    )
    for source in sorted(Path("native").glob("*.pyx"))
]

setup(ext_modules=cythonize(kernels, build_dir="build/cython", include_path=["native"]))
