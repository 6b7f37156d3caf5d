import Files
import Imaging
import Records

extension GeoJSON {
    /// The outlines of a slide's tumour foci in level-0 pixels, as QuPath reads them; empty on a normal slide.
    init(fociOf map: TissueMap) {
        let features = map.bodies.filter(\.isTumour).enumerated().map { index, body in
            let ring = body.shape.outline().map { point in
                PlanePoint(
                    x: Double(min(max(0, Int(point.x.rounded())), map.size.width)),
                    y: Double(min(max(0, Int(point.y.rounded())), map.size.height))
                )
            }
            return Feature(
                polygons: [PlanePolygon(outer: ring)],
                properties: [
                    "objectType": .string("annotation"),
                    "name": .string("focus \(index + 1)"),
                    "classification": Self.classification("tumor", RGB(200, 0, 0)),
                ]
            )
        }
        self.init(features: features, origin: .slide)
    }
}
