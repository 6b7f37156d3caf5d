/// A position in level-0 pixels that need not lie on the pixel grid.
public struct PlanePoint: Codable, Equatable, Hashable, Sendable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// A polygon with holes; rings need not repeat their first point.
public struct PlanePolygon: Equatable, Sendable {
    public var outer: [PlanePoint]
    public var holes: [[PlanePoint]]

    public init(outer: [PlanePoint], holes: [[PlanePoint]] = []) {
        self.outer = outer
        self.holes = holes
    }

    /// Whether the point lies inside the outer ring and in no hole. A point on an edge belongs to the side to its right
    /// and below, so that polygons that share an edge never share a point.
    public func contains(_ point: PlanePoint) -> Bool {
        Self.encloses(outer, point) && !holes.contains { Self.encloses($0, point) }
    }

    /// Area in square pixels, holes taken out.
    public var area: Double { abs(Self.signedArea(outer)) - holes.reduce(0) { $0 + abs(Self.signedArea($1)) } }

    /// The polygon moved, for instance between the slide's origin and its bounds.
    public func translated(x: Double, y: Double) -> PlanePolygon {
        func moved(_ ring: [PlanePoint]) -> [PlanePoint] { ring.map { PlanePoint(x: $0.x + x, y: $0.y + y) } }
        return PlanePolygon(outer: moved(outer), holes: holes.map(moved))
    }

    /// The polygon in pixels of another size.
    func scaled(by factor: Double) -> PlanePolygon {
        func scaled(_ ring: [PlanePoint]) -> [PlanePoint] {
            ring.map { PlanePoint(x: $0.x * factor, y: $0.y * factor) }
        }
        return PlanePolygon(outer: scaled(outer), holes: holes.map(scaled))
    }

    /// Crossing number of a ray to the right (even-odd rule).
    private static func encloses(_ ring: [PlanePoint], _ point: PlanePoint) -> Bool {
        guard var previous = ring.last else { return false }
        var inside = false
        for corner in ring {
            if (corner.y > point.y) != (previous.y > point.y),
                point.x < corner.x + (previous.x - corner.x) * (point.y - corner.y) / (previous.y - corner.y)
            {
                inside.toggle()
            }
            previous = corner
        }
        return inside
    }

    private static func signedArea(_ ring: [PlanePoint]) -> Double {
        guard var previous = ring.last else { return 0 }
        var twice = 0.0
        for corner in ring {
            twice += previous.x * corner.y - corner.x * previous.y
            previous = corner
        }
        return twice / 2
    }
}
