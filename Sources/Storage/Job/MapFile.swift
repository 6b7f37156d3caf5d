import Files
public import Foundation
import Imaging
public import Records

/// `ID.h5` of a heatmap: `coords` `[N, 2]` in level-0 pixels of the slide, `maps` `[M, N]` as they are shown, and
/// `percentile` `[N]` of the first of them, 0 to 100. `wsi_maps` names the rows of `maps`.
public enum MapFile {
    /// - Parameters:
    ///   - maps: name, quantity and values of each map.
    ///   - side: of a patch in level-0 pixels.
    ///   - attributes: further texts of the root; every name begins with `wsi_`.
    /// - Throws: `StorageError.malformed` where the shapes do not fit each other.
    public static func write(
        corners: [PixelPoint],
        side: Int,
        maps: [(name: String, quantity: String, values: [Float])],
        percentile: [Float],
        attributes: [String: String],
        to url: URL
    ) throws {
        let count = corners.count
        guard percentile.count == count, maps.allSatisfy({ $0.values.count == count }) else {
            throw StorageError.malformed(path: url.path, reason: "the shapes of the maps do not fit each other")
        }
        try AtomicFile.publish(to: url) { temporary in
            try HDF5File.make(at: temporary) { file in
                let facts = [("patch_size_level0", HDF5Value.integer(side))]
                try GridFacts.writeCorners(corners, named: "coords", facts: facts, to: file)
                try file.create("maps", .float32, shape: [maps.count, count]).write(maps.flatMap(\.values))
                try file.create("percentile", .float32, shape: [count]).write(percentile)
                try file.root.set("wsi_maps", .text(text(maps.map(\.name))))
                try file.root.set("wsi_quantities", .text(text(maps.map(\.quantity))))
                try file.root.set("wsi_origin", .text(GeoJSON.Origin.slide.rawValue))
                try GridFacts.write(attributes: attributes, to: file)
            }
            let written = try HDF5File.open(temporary)
            guard try written.dataset("maps").floats() == maps.flatMap(\.values),
                try GridFacts.corners(written.dataset("coords"), in: written, scale: 1) == corners
            else { throw StorageError.readsBackDifferently(url) }
        }
    }

    private static func text(_ names: [String]) throws -> String {
        String(decoding: try CanonicalJSON.line(names), as: UTF8.self)
    }
}
