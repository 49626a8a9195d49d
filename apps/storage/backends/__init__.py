"""Where internal storage keeps its bytes.

Owns: the one interface (`base`), the local disk (`local`), object stores that speak S3 (`s3`).
May call: common.
Must not: know an execution, check a permission, decode a URI.
"""
