import Foundation
import Records

/// The features of one slide in an HDF5 file, in any of the dialects that `FeatureFile` names.
struct HDF5Features {
    let dataset: HDF5Dataset
    private let file: HDF5File
    private let isOurs: Bool
    /// Empty, or the slide's group with a slash.
    private let group: String

    private static let names = ["features", "feats", "feat"]

    init(_ file: HDF5File, slide: SlideID?) throws {
        self.file = file
        isOurs = try GridFacts.isOurs(file)
        if let name = try Self.names.first(where: { try file.has($0) }) {
            group = ""
            dataset = try file.dataset(name)
        } else if let slide, try file.has(slide.text),
            let name = try Self.names.first(where: { try file.has("\(slide.text)/\($0)") })
        {
            group = "\(slide.text)/"
            dataset = try file.dataset(group + name)
        } else {
            throw StorageError.malformed(
                path: file.path,
                reason: "\(Self.names.joined(separator: ", ")): none of these is in the file"
                    + (slide.map { ", nor a group \($0)" } ?? "")
            )
        }
        guard dataset.isFloatingPoint else {
            throw StorageError.malformed(
                path: file.path,
                reason: "\(dataset.name) holds whole numbers; wanted are floating-point numbers [N, D]"
            )
        }
    }

    /// The slides that have a group of their own in a file of several.
    static func slides(in url: URL) throws -> [String] {
        let file = try HDF5File.open(url)
        return try file.names().filter { group in
            // A path into an array, instead of a group, is an error of libhdf5.
            try !names.contains(group) && group != "coords" && names.contains { try file.has("\(group)/\($0)") }
        }
    }

    func shape() throws -> FeatureShape {
        var shape = try FeatureStore.shape(dataset.shape, of: file.path)
        let name = try (dataset.object.value("encoder") ?? file.root.value("extractor"))?.text
        // TRIDENT writes Python's None as a word, and an encoder's settings as JSON.
        shape.encoder = name.flatMap { $0.isEmpty || $0 == "None" || $0.hasPrefix("{") ? nil : $0 }
        return shape
    }

    /// Fills in where the rows lie, and our own facts.
    func readPlaces(into features: inout FeatureFile, slideMPP: Double?) throws {
        if isOurs {
            let grid = try GridFacts.read(file)
            features.attributes = try GridFacts.attributes(of: file)
            (features.grid, features.corners, features.sideLevel0) = (grid, grid.corners, grid.geometry.sideLevel0)
        } else {
            (features.corners, features.sideLevel0) = try foreignPlaces(slideMPP: slideMPP)
        }
        if try file.has("unreadable_coords") {
            let dataset = try file.dataset("unreadable_coords")
            features.unreadable = try GridFacts.corners(dataset, in: file, scale: 1)
        }
        guard features.corners.isEmpty || features.corners.count == features.count else {
            throw StorageError.malformed(
                path: file.path,
                reason:
                    "\(features.count) rows of features but \(features.corners.count) coordinates; make the file again"
            )
        }
    }

    private func foreignPlaces(slideMPP: Double?) throws -> ([PixelPoint], Int?) {
        guard try file.has("\(group)coords") else { return ([], nil) }
        let dataset = try file.dataset("\(group)coords")
        let root = file.root
        guard try root.value("unit")?.text == "um" || root.value("stamp_version") != nil else {
            return (try GridFacts.corners(dataset, in: file, scale: 1), try side(dataset.object))
        }
        guard let slideMPP, slideMPP > 0 else { return ([], nil) }
        let side = try root.value("tile_size_um")?.number.flatMap { Int(exactly: ($0 / slideMPP).rounded()) }
        return (try GridFacts.corners(dataset, in: file, scale: 1 / slideMPP), side)
    }

    /// TRIDENT writes the side, as int64 or fp64; CLAM a size in pixels of a level and that level's downsample.
    private func side(_ coords: HDF5Object) throws -> Int? {
        let side: Double? =
            if let stated = try coords.value("patch_size_level0")?.number {
                stated
            } else if let size = try coords.value("patch_size")?.number,
                let downsample = try coords.value("downsample")?.number
            {
                size * downsample
            } else {
                nil
            }
        return side.flatMap { Int(exactly: $0.rounded()) }.flatMap { GridFacts.sides.contains($0) ? $0 : nil }
    }
}
