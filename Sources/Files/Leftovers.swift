public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What results of before have left and those of now have no place for.
public enum Leftovers {
    /// Removes a file or a folder with all that is in it, where it is there. Equal commands may do so at once: what one of them has
    /// removed, the others do not find.
    /// - Throws: `StorageError.system`, or what the system says of a folder.
    public static func remove(_ url: URL) throws {
        for attempt in 1... {
            if unlink(url.path) == 0 { return }
            let code = errno
            if RegularFile.isMissing(code) { return }
            guard code == EISDIR || code == EPERM else {
                throw StorageError.system(path: url.path, call: "unlink", errno: code)
            }
            do { return try FileManager.default.removeItem(at: url) } catch {
                guard try RegularFile.exists(url) else { return }
                if attempt == 10 { throw error }
            }
        }
    }
}
