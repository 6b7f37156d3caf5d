import Records

/// The outlines of a slide's tumour foci as GeoJSON in level-0 pixels, as QuPath reads them; empty on a normal slide.
struct FocusAnnotations: Encodable {
    private struct Feature: Encodable {
        struct Geometry: Encodable {
            var type = "Polygon"
            var coordinates: [[[Int]]]
        }

        struct Properties: Encodable {
            struct Classification: Encodable {
                var name = "tumor"
                var color = [200, 0, 0]
            }

            var objectType = "annotation"
            var name: String
            var classification = Classification()
        }

        var type = "Feature"
        var geometry: Geometry
        var properties: Properties
    }

    private enum CodingKeys: String, CodingKey {
        case type, features
        case origin = "wsi_origin"
    }

    private let type = "FeatureCollection"
    private let origin = "slide"
    private let features: [Feature]

    init(_ map: TissueMap) {
        features = map.bodies.filter(\.isTumour).enumerated().map { index, body in
            var ring = body.shape.outline().map { point in
                [
                    min(max(0, Int(point.x.rounded())), map.size.width),
                    min(max(0, Int(point.y.rounded())), map.size.height),
                ]
            }
            if let first = ring.first { ring.append(first) }
            return Feature(geometry: .init(coordinates: [ring]), properties: .init(name: "focus \(index + 1)"))
        }
    }
}
