import Files
public import Foundation
public import Records

/// `ID_patches.h5`: the patch grid of one slide in TRIDENT's layout (`coords` int64 `[N, 2]`, x and y in level-0 pixels,
/// its eight attributes), with our own facts as `wsi_` attributes of the root, and the quality of each patch beside `coords`
/// as float32 `[N]` (`QualityColumn.all`).
public enum PatchFile {
    /// - Parameters:
    ///   - quality: of each patch, in row order.
    ///   - attributes: further texts for the root, such as `wsi_fingerprint`; every name begins with `wsi_`.
    /// - Throws: `StorageError`; nothing is left under `url` then.
    public static func write(
        _ grid: PatchGrid,
        quality: PatchQuality? = nil,
        attributes: [String: String],
        to url: URL
    ) throws {
        try AtomicFile.publish(to: url) { temporary in
            try HDF5File.make(at: temporary) { file in
                try GridFacts.write(grid, attributes: attributes, to: file)
                for (name, values) in quality?.columns ?? [] {
                    try file.create(name, .float32, shape: [grid.count]).write(values)
                }
            }
            guard try read(temporary) == (grid, attributes) else { throw StorageError.readsBackDifferently(url) }
        }
    }

    /// - Returns: the quality of each patch; nil for a file without it.
    /// - Throws: `StorageError` for a missing or broken file, or columns of another length than `coords`.
    public static func readQuality(_ url: URL) throws -> PatchQuality? {
        let file = try HDF5File.open(url)
        let count = try file.dataset("coords").shape.first
        func column(_ name: String) throws -> [Float]? {
            guard try file.has(name) else { return nil }
            let dataset = try file.dataset(name)
            guard dataset.shape == [count] else {
                throw StorageError.malformed(path: url.path, reason: "\(name) has not one value per patch")
            }
            return try dataset.floats()
        }
        return try PatchQuality(reading: column)
    }

    /// - Returns: the grid, and the root's `wsi_` texts that are no facts of the grid.
    /// - Throws: `StorageError` for a missing, broken or foreign file.
    public static func read(_ url: URL) throws -> (grid: PatchGrid, attributes: [String: String]) {
        let file = try HDF5File.open(url)
        return (try GridFacts.read(file), try GridFacts.attributes(of: file))
    }
}
