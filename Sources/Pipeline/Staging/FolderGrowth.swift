import Files
import Foundation

/// What has come into a folder so far, whatever names a client gives to what is not whole yet.
struct FolderGrowth: Equatable, Sendable {
    private(set) var bytes = 0
    /// Some clients make a file in its full size and fill it then.
    private var changed: Int64 = 0

    init(of folder: URL) {
        let walker = FileManager.default.enumerator(atPath: folder.path)
        while let name = walker?.nextObject() as? String {
            let path = "\(folder.path)/\(name)"
            // A file may be renamed meanwhile.
            guard case .file(let size) = RegularFile.entry(path) else { continue }
            bytes += size
            changed = max(changed, FileFacts(path)?.changed ?? 0)
        }
    }
}
