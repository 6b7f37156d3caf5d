public import Foundation

/// The folder of the package.
private let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// Real slides, bags and encoders outside the repository: `$WSI_SHARED_DIR`, else `shared` beside the package folder. Tests
/// that need them are skipped where they are not there.
public enum SharedData {
    private static let folder =
        ProcessInfo.processInfo.environment["WSI_SHARED_DIR"].map { URL(filePath: $0) }
        ?? package.deletingLastPathComponent().appending(path: "shared")

    public static func file(_ name: String) -> URL { folder.appending(path: "data").appending(path: name) }

    public static func path(_ name: String) -> String { file(name).path }

    public static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    public static let isThere = has("slides/CMU-1-Small-Region.svs")

    /// Why a test is skipped.
    public static let absence = "no real data; set WSI_SHARED_DIR to the folder that holds data/"
}

/// Recorded numbers in the repository (Tests/Golden/README.md).
public enum GoldenData {
    public static let folder = package.appending(path: "Tests/Golden")

    /// The cases, in order: each is a JSON file with its safetensors beside it.
    public static let cases: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
}
