public import Foundation
public import Records

/// What was outlined on one slide, whichever tool drew it; `AnnotationReader` has the formats.
public struct AnnotatedRegions: Equatable, Sendable {
    public var regions: [PlanePolygon]
    /// Cut out of the regions.
    public var exclusions: [PlanePolygon]
    /// What coordinates count from; nil where the file does not say.
    public var origin: GeoJSON.Origin?
    /// What else the file holds, and is not used.
    public private(set) var skipped = SkippedFeatures()
    /// Whether all that the file holds was skipped, whatever the classes asked for.
    public var isAllSkipped: Bool { skipped.total > 0 && areas == 0 }
    /// Of the file, without those that were skipped.
    private var areas: Int

    public init(regions: [PlanePolygon], exclusions: [PlanePolygon] = [], origin: GeoJSON.Origin? = nil) {
        self.regions = regions
        self.exclusions = exclusions
        self.origin = origin
        areas = regions.count + exclusions.count
    }

    /// Classes and groups that are cut out wherever regions say where to look.
    public static let excluded: Set = ["exclude", "excluded", "exclusion"]
    /// Those that are no lesion: also what CAMELYON's annotators call healthy tissue.
    public static let healthy = excluded.union(["normal", "negative", "_2"])
    /// QuPath's class for what is to be passed over; its `Region*` is a class as any other.
    private static let ignored = "ignore*"

    /// - Parameters:
    ///   - classes: the classes (GeoJSON), groups (ASAP) or layers (ImageScope) that count, in any case of letters; nil: all
    ///     of them but QuPath's `Ignore*`.
    ///   - cutting: those that are cut out, in lower case, unless they are among `classes`.
    /// - Throws: `StorageError` for a file that is none of these.
    public init(contentsOf url: URL, classes: [String]? = nil, cutting: Set<String> = excluded) throws {
        let drawn = try AnnotationReader.read(url)
        let wanted = classes.map { Set($0.map { $0.lowercased() }) }
        self.init(regions: [], origin: drawn.origin)
        (skipped, areas) = (drawn.skipped, drawn.areas.count)
        for area in drawn.areas {
            let names = Self.words(area.names)
            if wanted?.isDisjoint(with: names) == false {
                regions += area.polygons
            } else if !cutting.isDisjoint(with: names) {
                exclusions += area.polygons
            } else if names.contains(Self.ignored) {
                skipped.add(.ignored)
                areas -= 1
            } else if wanted == nil {
                regions += area.polygons
            }
        }
    }

    /// Each name, and the parts of one that QuPath has derived (`Tumor: Edge`), in lower case.
    private static func words(_ names: [String]) -> Set<String> {
        let whole = names.isEmpty ? [""] : names.map { $0.lowercased() }
        return Set(whole + whole.flatMap { $0.split(separator: ": ").map(String.init) })
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
