import Config
public import Foundation
import Imaging
public import Records
import Storage

/// The maps of a model and what was drawn on their slides.
public struct AnnotatedMaps: Sendable {
    /// Prediction file by slide.
    public var predictions: [SlideID: URL] = [:]
    /// File of annotated regions by slide. A slide of the first class may be without one: nothing is to be found there.
    public var annotations: [SlideID: URL] = [:]
    /// Case by slide, where a case was one bag: it is the case that was tested.
    public var cases: [SlideID: SlideID] = [:]
    /// Pixels of the annotations per level-0 pixel of the slide.
    public var scale = 1.0
    /// What the annotations count from; nil: what their files say.
    public var origin: CoordinateOrigin?
    /// The annotations' classes that count; nil: all of them.
    public var classes: [String]?
    /// N·value of a patch from which its area counts for Dice; 1 is uniform attention.
    public var from = 1.0

    public init() {}
}

extension Localisation {
    /// Compares the maps of the slides that have a prediction with what was drawn on them.
    /// - Parameters:
    ///   - judged: where a class was asked.
    ///   - caseIDs: of all slides, or cases, that were tested.
    init(
        _ maps: AnnotatedMaps,
        judged: [SlideID: JudgedClass],
        caseIDs: [SlideID: String] = [:],
        _ bootstrap: Bootstrap
    ) throws {
        var slides: [MappedSlide] = []
        var unannotated: [String] = []
        for (slide, url) in maps.predictions.sorted(by: { $0.key.text < $1.key.text }) {
            let file = try PredictionFile(contentsOf: url)
            let bag = maps.cases[slide] ?? file.prediction.slide
            let judged = judged[bag]
            guard maps.annotations[slide] != nil || judged?.label == 0 else {
                unannotated.append(slide.text)
                continue
            }
            slides.append(try MappedSlide(file, maps, judged: judged, caseID: caseIDs[bag] ?? bag.text))
        }
        self.init(slides, from: maps.from, bootstrap)
        self.unannotated = unannotated
    }
}

extension MappedSlide {
    /// - Parameter judged: nil for a slide outside of the training, and where no class was asked.
    fileprivate init(_ file: PredictionFile, _ maps: AnnotatedMaps, judged: JudgedClass?, caseID: String) throws {
        let map = file.prediction
        guard let side = file.sideLevel0, map.corners.count == map.attention.count else {
            throw BagError.bag(
                slide: map.slide.text,
                reason: "its prediction does not say where the patches lie; make the features with coordinates"
            )
        }
        slide = map.slide
        self.judged =
            judged
            ?? JudgedClass(caseID: caseID, label: 0, answer: map.answer.ofClass ?? ClassAnswer([]))
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
            try maps.annotations[map.slide].map {
                try AnnotatedRegions(
                    contentsOf: $0,
                    classes: maps.classes,
                    cutting: AnnotatedRegions.healthy
                )
            }
            .map { drawn in
                drawn.placed(
                    scale: maps.scale,
                    boundsX: bounds?.x ?? 0,
                    boundsY: bounds?.y ?? 0,
                    origin: maps.origin
                )
            } ?? AnnotatedRegions(regions: [])
    }
}
