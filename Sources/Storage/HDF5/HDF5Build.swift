import CHDF5

/// The HDF5 library as it is loaded.
public enum HDF5Build {
    /// Such as `1.10.8`.
    /// - Throws: `StorageError.malformed` for one that cannot be used: it is not thread-safe.
    public static func version() throws -> String {
        try HDF5.prepare(path: "libhdf5")
        var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
        try HDF5.check("libhdf5", "version", H5get_libversion(&major, &minor, &release))
        return "\(major).\(minor).\(release)"
    }
}
