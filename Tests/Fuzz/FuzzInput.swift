import Foundation

/// Hands the bytes of one trial to a reader that takes a file, and lets it refuse them: only a trap, a sanitizer's report, a
/// hang or too much memory is a finding.
enum FuzzInput {
    /// A folder of this process on a memory disk, where there is one.
    static let folder: URL = {
        let shared = URL(filePath: "/dev/shm")
        let base =
            FileManager.default.isWritableFile(atPath: shared.path) ? shared : FileManager.default.temporaryDirectory
        let folder = base.appending(path: "wsi-fuzz-\(getpid())")
        guard mkdir(folder.path, 0o700) == 0 || errno == EEXIST else { fatalError("no folder at \(folder.path)") }
        atexit { try? FileManager.default.removeItem(at: FuzzInput.folder) }
        return folder
    }()

    static func data(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Data {
        Data(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// - Parameter name: of the file; readers tell formats by its ending.
    static func file(_ name: String, _ bytes: UnsafePointer<UInt8>, _ count: Int, _ read: (URL) throws -> Void) {
        let url = folder.appending(path: name)
        let descriptor = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, write(descriptor, bytes, count) == count, close(descriptor) == 0 else {
            fatalError("\(url.path) could not be written")
        }
        try? read(url)
    }
}
