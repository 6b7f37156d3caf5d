import Files
import Foundation
import Records
import Slides
import Storage

/// The quick digest of a slide: its file, and of several files (MRXS, DICOM) every one.
public enum SlideDigest {
    /// - Throws: `StorageError`; of the machine only where it fails twice.
    public static func quick(_ path: String) throws -> String {
        try StorageError.retrying { try once(path) }
    }

    private static func once(_ path: String) throws -> String {
        let files = try SlideFiles(path)
        let own = try Digest.quick(fileAt: files.main)
        guard !files.companions.isEmpty else { return own }
        let parts = try files.companions.map { "\($0.lastPathComponent) \(try Digest.quick(fileAt: $0))" }
        return Digest.sha256(Data(([own] + parts).joined(separator: "\n").utf8))
    }
}
