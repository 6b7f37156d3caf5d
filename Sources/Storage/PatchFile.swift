public import Foundation
public import Records

/// `ID_patches.h5`: the patch grid of one slide in TRIDENT's layout (`coords` int64 `[N, 2]`, x and y in level-0 pixels,
/// its eight attributes), with our own facts as `wsi_` attributes of the root.
public enum PatchFile {
    /// - Parameter attributes: further texts for the root, such as `wsi_fingerprint`; every name begins with `wsi_`.
    /// - Throws: `StorageError`; nothing is left under `url` then.
    public static func write(_ grid: PatchGrid, attributes: [String: String], to url: URL) throws {
        try AtomicFile.publish(to: url) { temporary in
            try HDF5File.make(at: temporary) { try GridFacts.write(grid, attributes: attributes, to: $0) }
            guard try read(temporary) == (grid, attributes) else { throw StorageError.readsBackDifferently(url) }
        }
    }

    /// - Returns: the grid, and the root's `wsi_` texts that are no facts of the grid.
    /// - Throws: `StorageError` for a missing, broken or foreign file.
    public static func read(_ url: URL) throws -> (grid: PatchGrid, attributes: [String: String]) {
        let file = try HDF5File.open(url)
        return (try GridFacts.read(file), try GridFacts.attributes(of: file))
    }
}
