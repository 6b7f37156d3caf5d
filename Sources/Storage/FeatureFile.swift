public import Foundation
public import Records

/// The features of one slide, read from our files or TRIDENT's (`features`, `coords` in level-0 pixels), CLAM's (the
/// same without attributes) or STAMP's (`feats` in fp16, `coords` in µm).
public struct FeatureFile: Sendable {
    /// N·D values, row-major; fp16 and fp64 are converted to fp32. May hold NaN: see `nonFiniteRows`.
    public let features: [Float]
    /// N.
    public let count: Int
    /// D; 0 in an empty file that does not state it.
    public let width: Int
    /// Top-left corner of each row's patch in level-0 pixels; empty where the file does not tell.
    public let corners: [PixelPoint]
    /// Side of a patch in level-0 pixels, if the file tells.
    public let sideLevel0: Int?
    /// Facts of the grid, in our own files; its corners are the file's rows.
    public let grid: PatchGrid?
    /// Patches that could not be read and have no row.
    public let unreadable: [PixelPoint]
    /// The encoder's name, if the file tells.
    public let encoder: String?
    /// Texts of the root's `wsi_` attributes, such as `wsi_fingerprint`.
    public let attributes: [String: String]

    /// - Parameter slideMPP: µm per level-0 pixel; needed only to place files whose coordinates are in µm.
    /// - Throws: `StorageError` for a missing or broken file, or one without features `[N, D]`.
    public init(contentsOf url: URL, slideMPP: Double? = nil) throws {
        let file = try HDF5File.open(url)
        let isOurs = try GridFacts.isOurs(file)
        guard let name = try ["features", "feats"].first(where: { try file.has($0) }) else {
            throw StorageError.malformed(path: url.path, reason: "neither 'features' nor 'feats' is in the file")
        }
        let dataset = try file.dataset(name)
        let shape = dataset.shape
        guard dataset.isFloatingPoint, shape.count == 2 || shape == [0] else {
            throw StorageError.malformed(
                path: url.path,
                reason: "\(name) has shape \(shape); wanted are floating-point numbers [N, D]"
            )
        }
        guard shape[0] == 0 || shape[1] > 0 else {
            throw StorageError.malformed(path: url.path, reason: "\(name) has \(shape[0]) rows without a value")
        }
        features = try dataset.floats()
        count = shape[0]
        width = shape.count == 2 ? shape[1] : 0
        encoder = try (dataset.object.value("encoder") ?? file.root.value("extractor"))?.text
        attributes = isOurs ? try GridFacts.attributes(of: file) : [:]
        grid = isOurs ? try GridFacts.read(file) : nil
        unreadable =
            try file.has("unreadable_coords")
            ? GridFacts.corners(try file.dataset("unreadable_coords"), in: file, scale: 1) : []
        if let grid {
            corners = grid.corners
            sideLevel0 = grid.geometry.sideLevel0
        } else {
            (corners, sideLevel0) = try Self.foreignPlaces(file, slideMPP: slideMPP)
        }
        guard corners.isEmpty || corners.count == count else {
            throw StorageError.malformed(
                path: url.path,
                reason: "\(count) rows of features but \(corners.count) coordinates; make the file again"
            )
        }
    }

    /// Rows with a NaN or an infinity.
    public var nonFiniteRows: [Int] {
        (0..<count).filter { row in !features[row * width..<(row + 1) * width].allSatisfy(\.isFinite) }
    }

    private static func foreignPlaces(_ file: HDF5File, slideMPP: Double?) throws -> ([PixelPoint], Int?) {
        guard try file.has("coords") else { return ([], nil) }
        let dataset = try file.dataset("coords")
        let root = file.root
        guard try root.value("unit")?.text == "um" || root.value("stamp_version") != nil else {
            return (try GridFacts.corners(dataset, in: file, scale: 1), try side(dataset.object))
        }
        guard let slideMPP, slideMPP > 0 else { return ([], nil) }
        let side = try root.value("tile_size_um")?.number.flatMap { Int(exactly: ($0 / slideMPP).rounded()) }
        return (try GridFacts.corners(dataset, in: file, scale: 1 / slideMPP), side)
    }

    /// TRIDENT writes the side, as int64 or fp64; CLAM a size in pixels of a level and that level's downsample.
    private static func side(_ coords: HDF5Object) throws -> Int? {
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
        return side.flatMap { Int(exactly: $0.rounded()) }.flatMap { $0 > 0 ? $0 : nil }
    }
}
