public import Files
public import Records

/// Polygons as GeoJSON, as QuPath and TRIDENT exchange them: annotations, regions, tissue contours.
public struct GeoJSON: Equatable, Sendable {
    public typealias Origin = CoordinateOrigin

    public struct Feature: Equatable, Sendable {
        public var polygons: [PlanePolygon]
        /// What is written in place of polygons; never read, for a point encloses nothing.
        public private(set) var point: PlanePoint?
        public var properties: [String: JSONValue]

        public init(polygons: [PlanePolygon], properties: [String: JSONValue] = [:]) {
            self.polygons = polygons
            self.properties = properties
        }

        public init(point: PlanePoint, properties: [String: JSONValue]) {
            (polygons, self.point) = ([], point)
            self.properties = properties
        }

        /// `properties.classification`: its `name`, its `names` as QuPath joins them (`Tumor: Edge`), or the plain word that
        /// tools without classes write.
        public var className: String? {
            let classification = properties["classification"]
            if let name = classification?["name"]?.string ?? classification?.string { return name }
            guard case .array(let names) = classification?["names"] else { return nil }
            return names.compactMap(\.string).joined(separator: ": ")
        }

        /// Whether the feature is marked as one to cut out whatever its class: `properties.exclude` is true.
        public var isMarkedExcluded: Bool { properties["exclude"] == .bool(true) }

        public func contains(_ point: PlanePoint) -> Bool { polygons.contains { $0.contains(point) } }
    }

    public var features: [Feature]
    /// `wsi_origin` of the features; nil where the file does not say.
    public var origin: Origin?
    /// What else a file held.
    public internal(set) var skipped = SkippedFeatures()

    public init(features: [Feature], origin: Origin?) {
        self.features = features
        self.origin = origin
    }

    public func contains(_ point: PlanePoint) -> Bool { features.contains { $0.contains(point) } }

    /// The features counted from the corner of the slide's bounds, for QuPath.
    public func fromBounds(x: Int, y: Int) -> GeoJSON {
        origin == .bounds ? self : translated(x: Double(-x), y: Double(-y), origin: .bounds)
    }

    private func translated(x: Double, y: Double, origin: Origin) -> GeoJSON {
        GeoJSON(features: features.map { $0.translated(x: x, y: y) }, origin: origin)
    }
}

extension GeoJSON.Feature {
    fileprivate func translated(x: Double, y: Double) -> GeoJSON.Feature {
        var moved = self
        moved.polygons = polygons.map { $0.translated(x: x, y: y) }
        moved.point = point.map { PlanePoint(x: $0.x + x, y: $0.y + y) }
        return moved
    }
}
