public import Foundation

/// A folder of a test's own, with what it writes there. It goes with the object: keep it as a property, or as a value that is used to the end.
public final class Scratch: Sendable {
    public let folder: URL

    public init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "wsi-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    public func file(_ path: String) -> URL { folder.appending(path: path) }

    public subscript(_ path: String) -> URL { file(path) }

    /// What lies in it, in order.
    public var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }

    /// Writes a small file, with its folders.
    @discardableResult
    public func write(_ text: String, to path: String) throws -> URL {
        let url = file(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return url
    }

    /// Every file below a folder with its bytes, by relative path.
    public static func tree(_ folder: URL) -> [String: Data] {
        var files: [String: Data] = [:]
        let walker = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        for case let url as URL in walker ?? FileManager.DirectoryEnumerator() {
            guard (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true else { continue }
            files[String(url.path.dropFirst(folder.path.count + 1))] = FileManager.default.contents(atPath: url.path)
        }
        return files
    }
}
