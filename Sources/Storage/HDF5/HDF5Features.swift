import Files
import Foundation
import Records

/// The features of one slide in an HDF5 file, in any of the dialects that `FeatureFile` names.
struct HDF5Features {
    let dataset: HDF5Dataset
    let file: HDF5File
    let isOurs: Bool
    /// Empty, or the slide's group with a slash.
    let group: String

    /// Of a patch whose side is inferred; what lies closer together are numbers, no places.
    private static let smallestSide = 16

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
        shape.facts = try statedFacts()
        return shape
    }

    /// Fills in where the rows lie, and our own facts.
    func readPlaces(into features: inout FeatureFile, slideMPP: Double?) throws {
        if isOurs {
            let grid = try GridFacts.read(file)
            features.attributes = try GridFacts.attributes(of: file)
            (features.grid, features.corners) = (grid, grid.corners)
        } else {
            (features.corners, features.facts.onSlide) = try foreignPlaces(features.facts.onSlide, slideMPP: slideMPP)
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

    /// The places of another tool's patches, and their side where the file does not say it: that of patches which touch.
    private func foreignPlaces(
        _ stated: PatchFacts.OnSlide,
        slideMPP: Double?
    ) throws -> ([PixelPoint], PatchFacts.OnSlide) {
        guard try file.has("\(group)coords") else { return ([], stated) }
        let dataset = try file.dataset("\(group)coords")
        var places = stated
        func state(_ side: Int?, _ origin: PatchFacts.OnSlide.SideOrigin) {
            guard let side, GridFacts.sides.contains(side) else { return }
            (places.side, places.sideOrigin) = (side, origin)
        }
        guard try isInMicrons else {
            let corners = try GridFacts.corners(dataset, in: file, scale: 1)
            // Where tissue comes in pieces with a grid each, most neighbours are still of one grid.
            if places.side == nil, let spacing = PatchSpacing(corners), spacing.share >= 0.5,
                spacing.step >= Self.smallestSide
            {
                state(spacing.step, .inferred)
            }
            return (corners, places)
        }
        guard let slideMPP, slideMPP > 0 else { return ([], places) }
        let side = try file.root.value("tile_size_um")?.number.flatMap { Int(exactly: ($0 / slideMPP).rounded()) }
        state(side, .stated)
        return (try GridFacts.corners(dataset, in: file, scale: 1 / slideMPP), places)
    }
}
