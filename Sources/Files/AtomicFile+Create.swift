public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

extension AtomicFile {
    /// Gives `data` a name that nothing has yet. Of several processes that want it one gets it, and the content is complete from
    /// the first moment: link(2) decides, on network file systems too.
    /// - Returns: false where the name is taken.
    /// - Throws: `StorageError.system`, also of a file system without hard links; nothing is left behind then.
    public static func create(_ data: Data, at url: URL) throws -> Bool {
        try discarding(beside: url) { staged in
            try write(data, to: staged)
            guard link(staged.path, url.path) != 0 else { return true }
            let reason = errno
            // The answer of a server may be lost and the call repeated: then the name is taken, by ourselves.
            if reason == EEXIST { return RegularFile.areSame(staged.path, url.path) }
            throw StorageError.system(path: url.path, call: "link", errno: reason)
        }
    }
}
