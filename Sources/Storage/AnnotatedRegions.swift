public import Foundation
public import Records

/// What was outlined on one slide, whichever tool drew it: GeoJSON (QuPath), ASAP's XML (CAMELYON16, CAMELYON17) or lists of
/// polygons as JSON (`positive` and `negative`, each with `vertices`).
public struct AnnotatedRegions: Equatable, Sendable {
    public var regions: [PlanePolygon]
    /// Cut out of the regions.
    public var exclusions: [PlanePolygon]
    /// What coordinates count from; nil where the file does not say.
    public var origin: GeoJSON.Origin?

    public init(regions: [PlanePolygon], exclusions: [PlanePolygon] = [], origin: GeoJSON.Origin? = nil) {
        self.regions = regions
        self.exclusions = exclusions
        self.origin = origin
    }

    /// Endings of the files that are read.
    public static let fileEndings = ["geojson", "xml", "json"]

    /// Classes and groups that are cut out wherever regions say where to look.
    public static let excluded: Set = ["exclude", "excluded", "exclusion"]
    /// Those that are no lesion: also what CAMELYON's annotators call healthy tissue.
    public static let healthy = excluded.union(["normal", "negative", "_2"])

    /// - Parameters:
    ///   - classes: the classes (GeoJSON) or groups (ASAP) that count, in any case of letters; nil: all of them.
    ///   - cutting: those that are cut out, in lower case, unless they are among `classes`.
    /// - Throws: `StorageError` for a file that is none of the three.
    public init(contentsOf url: URL, classes: [String]? = nil, cutting: Set<String> = excluded) throws {
        let wanted = classes.map { Set($0.map { $0.lowercased() }) }
        var named: [(name: String?, polygons: [PlanePolygon])]
        if url.pathExtension.lowercased() == "xml" {
            named = try ASAPAnnotations(contentsOf: url).regions.map { ($0.group, [$0.polygon]) }
            origin = .slide
        } else if let lists = try? CanonicalJSON.read(PolygonLists.self, from: url) {
            named =
                try lists.polygons(lists.positive, url).map { ("positive", [$0]) }
                + lists.polygons(lists.negative ?? [], url).map { ("exclude", [$0]) }
            origin = .slide
        } else {
            let drawn = try GeoJSON(contentsOf: url)
            named = drawn.features.map { ($0.isMarkedExcluded ? "exclude" : $0.className, $0.polygons) }
            origin = drawn.origin
        }
        regions = []
        exclusions = []
        for (name, polygons) in named {
            let name = name?.lowercased() ?? ""
            if wanted?.contains(name) ?? !cutting.contains(name) {
                regions += polygons
            } else if cutting.contains(name) {
                exclusions += polygons
            }
        }
    }

    public func contains(_ point: PlanePoint) -> Bool {
        regions.contains { $0.contains(point) } && !exclusions.contains { $0.contains(point) }
    }

    /// In level-0 pixels from level-0 pixel (0, 0).
    /// - Parameters:
    ///   - scale: the file's pixels per level-0 pixel of the slide.
    ///   - bounds: x and y of the slide's bounds in level-0 pixels, where it has some.
    ///   - origin: of the file; nil: what the file says, else the bounds.
    public func placed(scale: Double, boundsX: Int, boundsY: Int, origin: GeoJSON.Origin?) -> AnnotatedRegions {
        let isBounds = origin ?? self.origin ?? .bounds == .bounds
        let (x, y) = isBounds ? (Double(boundsX), Double(boundsY)) : (0, 0)
        func placed(_ polygon: PlanePolygon) -> PlanePolygon { polygon.scaled(by: 1 / scale).translated(x: x, y: y) }
        return AnnotatedRegions(
            regions: regions.map(placed),
            exclusions: exclusions.map(placed),
            origin: .slide
        )
    }
}

/// CAMELYON16's polygons as JSON.
private struct PolygonLists: Decodable {
    struct Outline: Decodable {
        var vertices: [[Double]]
    }

    var positive: [Outline]
    var negative: [Outline]?

    func polygons(_ outlines: [Outline], _ url: URL) throws -> [PlanePolygon] {
        try outlines.enumerated().map { index, outline in
            let points = outline.vertices.compactMap { numbers in
                numbers.count == 2 ? PlanePoint(x: numbers[0], y: numbers[1]) : nil
            }
            return try PlanePolygon(outline: points, of: outline.vertices.count, "polygon \(index + 1)", url)
        }
    }
}

extension PlanePolygon {
    /// A ring that was read from a file.
    /// - Parameter count: how many points the file has for it.
    init(outline points: [PlanePoint], of count: Int, _ name: String, _ url: URL) throws {
        guard points.count == count, points.allSatisfy({ abs($0.x) <= 1e12 && abs($0.y) <= 1e12 }) else {
            throw StorageError.malformed(path: url.path, reason: "\(name): a point is no pair of numbers in range")
        }
        guard points.count >= 3 else {
            throw StorageError.malformed(path: url.path, reason: "\(name) has fewer than three points")
        }
        self.init(outer: points)
    }
}
