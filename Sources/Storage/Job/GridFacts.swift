import Files
import Records

/// The facts of a patch grid as attributes: TRIDENT's on `coords`, ours under `wsi_` on the file's root.
enum GridFacts {
    /// Version of the `wsi_` attributes.
    static let formatVersion = 1

    /// Sides of a patch in level-0 pixels, far beyond any slide and far from overflow in all arithmetic that follows.
    static let sides = 1...(1 << 32)

    /// Writes `coords` `[N, 2]` with its attributes, and the root's.
    static func write(_ grid: PatchGrid, attributes: [String: String], to file: HDF5File) throws {
        try writeCorners(grid.corners, named: "coords", facts: onCorners(grid), to: file)
        for (name, value) in onRoot(grid) { try file.root.set(name, value) }
        try write(attributes: attributes, to: file)
    }

    static func writeCorners(
        _ corners: [PixelPoint],
        named name: String,
        facts: [(String, HDF5Value)],
        to file: HDF5File
    ) throws {
        let dataset = try file.create(name, .int64, shape: [corners.count, 2])
        try dataset.write(corners.flatMap { [Int64($0.x), Int64($0.y)] })
        for (name, value) in facts { try dataset.object.set(name, value) }
    }

    /// - Throws: `StorageError.malformed` for a name without our prefix: it could collide with another tool's.
    static func write(attributes: [String: String], to file: HDF5File) throws {
        for (name, text) in attributes.sorted(by: { $0.key < $1.key }) {
            guard name.hasPrefix("wsi_") else {
                throw StorageError.malformed(path: file.path, reason: "the attribute \(name) must begin with wsi_")
            }
            try file.root.set(name, .text(text))
        }
    }

    /// All `wsi_` texts of the root that are no facts of the grid.
    static func attributes(of file: HDF5File) throws -> [String: String] {
        var texts: [String: String] = [:]
        for name in try file.root.names() where name.hasPrefix("wsi_") && !gridNames.contains(name) {
            texts[name] = try file.root.value(name)?.text
        }
        return texts
    }

    /// Whether the file was written by us; a file of ours that is not complete is refused.
    static func isOurs(_ file: HDF5File) throws -> Bool {
        guard let version = try file.root.value("wsi_format_version")?.integer else { return false }
        guard version == formatVersion else {
            throw StorageError.malformed(
                path: file.path,
                reason: "format version \(version), this program reads \(formatVersion); make the file again"
            )
        }
        guard try file.root.value("wsi_complete")?.integer == 1 else {
            throw StorageError.malformed(path: file.path, reason: "the file is not complete; make it again")
        }
        return true
    }

    /// The grid of a file of ours.
    static func read(_ file: HDF5File) throws -> PatchGrid {
        guard try isOurs(file) else {
            throw StorageError.malformed(
                path: file.path,
                reason: "not written by wsi (wsi_format_version is missing); run 'wsi tile' for this slide"
            )
        }
        let dataset = try file.dataset("coords")
        let onCorners = Facts(object: dataset.object, path: file.path)
        let onRoot = Facts(object: file.root, path: file.path)
        let bounds = try onRoot.integers("wsi_bounds", count: 4)
        guard let source = MPPSource(rawValue: try onRoot.text("wsi_mpp_source")) else {
            throw StorageError.malformed(path: file.path, reason: "the attribute wsi_mpp_source holds no known word")
        }
        return PatchGrid(
            slide: try SlideID(onCorners.text("name")),
            geometry: PatchGeometry(
                patchSize: try onCorners.integer("patch_size", from: 1),
                overlap: try onCorners.integer("overlap", from: 0),
                targetMPP: try onRoot.positive("wsi_target_mpp"),
                mpp: try onRoot.positive("wsi_patch_mpp"),
                sideLevel0: try onCorners.integer("patch_size_level0", from: 1),
                stepLevel0: try onRoot.integer("wsi_step_level0", from: 1),
                level: try onRoot.integer("wsi_level", from: 0),
                levelDownsample: try onRoot.positive("wsi_level_downsample"),
                sideAtLevel: try onRoot.integer("wsi_side_at_level", from: 1)
            ),
            scale: SlideScale(mpp: try onRoot.positive("wsi_mpp"), source: source),
            slideSize: PixelSize(
                width: try onCorners.integer("level0_width", from: 1),
                height: try onCorners.integer("level0_height", from: 1)
            ),
            bounds: PixelRect(x: bounds[0], y: bounds[1], width: bounds[2], height: bounds[3]),
            corners: try corners(dataset, in: file, scale: 1)
        )
    }

    /// The points of a `[N, 2 or more]` array of any number, multiplied by `scale` and rounded.
    static func corners(_ dataset: HDF5Dataset, in file: HDF5File, scale: Double) throws -> [PixelPoint] {
        func malformed(_ reason: String) -> StorageError {
            .malformed(path: file.path, reason: "\(dataset.name) \(reason)")
        }
        guard dataset.shape.count == 2, dataset.shape[1] == 2 || dataset.count == 0 else {
            throw malformed("has shape \(dataset.shape), wanted is [N, 2]")
        }
        let values = try dataset.doubles()
        // Far beyond any slide, and far from overflow in all arithmetic that follows.
        let limit = 1e12
        guard values.allSatisfy({ abs($0 * scale) <= limit }) else {
            throw malformed("holds values that are no positions")
        }
        return stride(from: 0, to: values.count, by: 2).map { index in
            PixelPoint(x: Int((values[index] * scale).rounded()), y: Int((values[index + 1] * scale).rounded()))
        }
    }

    static func onCorners(_ grid: PatchGrid) -> [(String, HDF5Value)] {
        [
            ("patch_size", .integer(grid.geometry.patchSize)),
            ("patch_size_level0", .integer(grid.geometry.sideLevel0)),
            ("level0_magnification", .plain(grid.geometry.level0Magnification)),
            ("target_magnification", .plain(grid.geometry.targetMagnification)),
            ("overlap", .integer(grid.geometry.overlap)),
            ("name", .text(grid.slide.text)),
            ("level0_width", .integer(grid.slideSize.width)),
            ("level0_height", .integer(grid.slideSize.height)),
        ]
    }

    private static func onRoot(_ grid: PatchGrid) -> [(String, HDF5Value)] {
        [
            ("wsi_format_version", .integer(formatVersion)),
            ("wsi_complete", .integer(1)),
            ("wsi_mpp", .number(grid.scale.mpp)),
            ("wsi_mpp_source", .text(grid.scale.source.rawValue)),
            ("wsi_patch_mpp", .number(grid.geometry.mpp)),
            ("wsi_target_mpp", .number(grid.geometry.targetMPP)),
            ("wsi_level", .integer(grid.geometry.level)),
            ("wsi_level_downsample", .number(grid.geometry.levelDownsample)),
            ("wsi_side_at_level", .integer(grid.geometry.sideAtLevel)),
            ("wsi_step_level0", .integer(grid.geometry.stepLevel0)),
            ("wsi_bounds", .integers([grid.bounds.x, grid.bounds.y, grid.bounds.width, grid.bounds.height])),
            ("wsi_origin", .text("slide")),
        ]
    }

    private static let gridNames: Set<String> = [
        "wsi_format_version", "wsi_complete", "wsi_mpp", "wsi_mpp_source", "wsi_patch_mpp", "wsi_target_mpp",
        "wsi_level",
        "wsi_level_downsample", "wsi_side_at_level", "wsi_step_level0", "wsi_bounds", "wsi_origin",
    ]
}

/// Attributes that must be there and in range.
private struct Facts {
    let object: HDF5Object
    let path: String

    func integer(_ name: String, from low: Int) throws -> Int {
        guard let value = try object.value(name)?.integer, (low...1 << 40).contains(value) else { throw missing(name) }
        return value
    }

    func integers(_ name: String, count: Int) throws -> [Int] {
        guard case .integers(let values) = try object.value(name), values.count == count,
            values.allSatisfy({ (0...1 << 40).contains($0) })
        else { throw missing(name) }
        return values
    }

    func positive(_ name: String) throws -> Double {
        guard let value = try object.value(name)?.number, value.isFinite, value > 0 else { throw missing(name) }
        return value
    }

    func text(_ name: String) throws -> String {
        guard let text = try object.value(name)?.text else { throw missing(name) }
        return text
    }

    private func missing(_ name: String) -> StorageError {
        .malformed(path: path, reason: "the attribute \(name) is missing or out of range; make the file again")
    }
}
