public import Foundation

/// The fingerprint of an HDF5 file of ours, without reading its data.
public enum HDF5Fingerprint {
    /// - Returns: the root's `wsi_fingerprint`; nil for a file that has none or is no HDF5 file.
    public static func read(_ url: URL) throws -> String? {
        guard let file = try? HDF5File.open(url) else { return nil }
        return try? file.root.value("wsi_fingerprint")?.text
    }
}
