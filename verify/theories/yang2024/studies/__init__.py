"""Studies: questions about one instance that no single statement asks. One file each, `study(laboratory) -> Study`.

`icl-verify run` makes those of `verify.theories.yang2024.studies.always` after the claims, unless `--only` limits it to some of them.
"""
