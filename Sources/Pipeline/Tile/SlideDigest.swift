import Files
import Foundation
import Records
import Slides
import Storage

/// The quick digest of a slide: its file, and of several files (MRXS, DICOM) every one.
enum SlideDigest {
    /// - Parameter digest: of each file.
    /// - Throws: `StorageError`; of the machine only where it fails twice.
    static func quick(
        _ path: String,
        _ digest: (URL) throws -> String = { try Digest.quick(fileAt: $0) }
    ) throws -> String {
        try StorageError.retrying { try once(path, digest) }
    }

    private static func once(_ path: String, _ digest: (URL) throws -> String) throws -> String {
        let files = try SlideFiles(path)
        let own = try digest(files.main)
        guard !files.companions.isEmpty else { return own }
        let parts = try files.companions.map { "\($0.lastPathComponent) \(try digest($0))" }
        return Digest.sha256(Data(([own] + parts).joined(separator: "\n").utf8))
    }
}
