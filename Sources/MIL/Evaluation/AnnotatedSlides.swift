import Foundation
import Records
import Storage

extension Localisation {
    /// Compares the maps of the slides that have a prediction with what was drawn on them.
    init(
        _ request: EvaluateRequest.Patches,
        judged: [SlideID: Judged],
        _ bootstrap: Bootstrap,
        progress: (ComputeProgress) -> Void
    ) throws {
        let names = request.predictions.keys.sorted()
        var slides: [MappedSlide] = []
        var unannotated: [String] = []
        for (index, name) in names.enumerated() {
            defer { progress(ComputeProgress(unit: "slide", done: index + 1, total: names.count, subject: name)) }
            let file = try PredictionFile(contentsOf: URL(filePath: request.predictions[name] ?? ""))
            let judged = judged[try request.cases[name].map { try SlideID($0) } ?? file.prediction.slide]
            guard request.annotations[name] != nil || judged?.label == 0 else {
                unannotated.append(name)
                continue
            }
            slides.append(try MappedSlide(file, request, judged: judged))
        }
        self.init(slides, from: request.from, bootstrap)
        self.unannotated = unannotated
    }
}

extension MappedSlide {
    /// - Parameter judged: nil for a slide outside of the training.
    fileprivate init(_ file: PredictionFile, _ request: EvaluateRequest.Patches, judged: Judged?) throws {
        let map = file.prediction
        guard let side = file.sideLevel0, map.corners.count == map.attention.count else {
            throw MILError.bag(
                slide: map.slide.text,
                reason: "its prediction does not say where the patches lie; make the features with coordinates"
            )
        }
        slide = map.slide
        self.judged =
            judged
            ?? Judged(caseID: map.slide.text, label: 0, probabilities: map.probabilities, threshold: map.threshold)
        // Of a case, attention is shared out over all of its slides.
        relative = map.attention.map { Double($0) * Double(file.bagPatches) }
        corners = map.corners
        self.side = side
        mpp = file.grid?.scale.mpp
        size =
            file.grid?.slideSize
            ?? PixelSize(
                width: (map.corners.map(\.x).max() ?? 0) + side,
                height: (map.corners.map(\.y).max() ?? 0) + side
            )
        let bounds = file.grid?.bounds
        drawn =
            try request.annotations[map.slide.text].map {
                try AnnotatedRegions(
                    contentsOf: URL(filePath: $0),
                    classes: request.classes,
                    cutting: AnnotatedRegions.healthy
                )
            }
            .map { drawn in
                drawn.placed(
                    scale: request.scale,
                    boundsX: bounds?.x ?? 0,
                    boundsY: bounds?.y ?? 0,
                    origin: request.origin
                )
            } ?? AnnotatedRegions(regions: [])
    }
}
