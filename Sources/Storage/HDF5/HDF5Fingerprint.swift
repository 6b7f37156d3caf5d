import Files
public import Foundation
import Records

/// The fingerprint of an HDF5 file of ours, without reading its data.
public enum HDF5Fingerprint {
    /// - Returns: the root's `wsi_fingerprint`; nil for a file that has none or is no HDF5 file.
    /// - Throws: `StorageError.system` where the machine does not give the file.
    public static func read(_ url: URL) throws -> String? {
        do { return try HDF5File.open(url).root.value("wsi_fingerprint")?.text } catch let error as StorageError {
            if case .system = error, error.code != .notFound { throw error }
            return nil
        }
    }

    /// As `read`, where the file is to be one of ours.
    /// - Throws: `StorageError`: `.malformed` for what is no HDF5 file.
    public static func carried(by url: URL) throws -> String? {
        try HDF5File.open(url).root.value("wsi_fingerprint")?.text
    }
}
