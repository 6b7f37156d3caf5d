public import Foundation

/// How long a text file may be that is read whole. A file that was named by mistake, or to do harm, must not fill the memory.
public enum TextLimit {
    /// Of what a person writes: configs, manifests, splits and tables of labels. A table of a million slides fits.
    public static let person = 32 << 20
    /// Of drawn areas, and of tables and texts that programs write.
    public static let program = 512 << 20

    /// Reads a file up to a limit.
    /// - Parameter wayOut: what to do about a longer one.
    /// - Throws: `StorageError.malformed` for a longer file, else as `RegularFile.data`.
    public static func data(_ url: URL, upTo limit: Int, wayOut: String) throws(StorageError) -> Data {
        if case .regular(let bytes) = RegularFile.kind(of: url.path), bytes > limit {
            throw .malformed(
                path: url.path,
                reason:
                    "\(megabytes(bytes)) MB are more than the \(limit >> 20) MB that such a file may have; \(wayOut)"
            )
        }
        return try RegularFile.data(url)
    }

    /// Rounded up, so that no file that is too long seems to fit.
    private static func megabytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
}
