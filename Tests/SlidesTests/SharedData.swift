import Foundation

/// Real slides outside the repository: $WSI_SHARED_DIR, else `shared` beside the package folder.
enum SharedData {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["WSI_SHARED_DIR"] { return URL(filePath: path) }
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appending(path: "shared")
    }()

    static func slide(_ name: String) -> String { folder.appending(path: "data/slides/\(name)").path }

    static func negative(_ name: String) -> String { folder.appending(path: "data/negative/\(name)").path }

    static let isThere = FileManager.default.fileExists(atPath: slide("CMU-1-Small-Region.svs"))
}
