import Foundation
import Records
import Storage

extension PatchRanking {
    /// Ranks the slides that have both an annotation with a polygon and a prediction.
    init(_ request: EvaluateRequest.Patches, progress: (ComputeProgress) -> Void) throws {
        let names = Set(request.annotations.keys).intersection(request.predictions.keys).sorted()
        var slides: [Slide] = []
        for (index, name) in names.enumerated() {
            if let annotations = request.annotations[name], let predictions = request.predictions[name],
                let slide = try Self.slide(name, annotations: annotations, predictions: predictions)
            {
                slides.append(slide)
            }
            progress(ComputeProgress(unit: "slide", done: index + 1, total: names.count, subject: name))
        }
        self.init(slides)
    }

    /// nil for an annotation without a polygon: nothing was outlined on the slide.
    private static func slide(_ name: String, annotations: String, predictions: String) throws -> Slide? {
        let drawn = try GeoJSON(contentsOf: URL(filePath: annotations))
        guard !drawn.features.isEmpty else { return nil }
        let file = try PredictionFile(contentsOf: URL(filePath: predictions))
        guard let side = file.sideLevel0, file.prediction.corners.count == file.prediction.attention.count else {
            throw MILError.bag(
                slide: name,
                reason: "its prediction does not say where the patches lie; make the features with coordinates"
            )
        }
        let bounds = file.grid?.bounds
        let regions = drawn.fromSlideOrigin(boundsX: bounds?.x ?? 0, boundsY: bounds?.y ?? 0, fallback: .slide)
        return Slide(
            slide: file.prediction.slide,
            attention: file.prediction.attention.map { Double($0) },
            inside: file.prediction.corners.map { corner in
                let half = Double(side) / 2
                return regions.contains(PlanePoint(x: Double(corner.x) + half, y: Double(corner.y) + half))
            }
        )
    }
}
