import Foundation
import Imaging
import Records
import Storage

/// How well a model's maps agree with what was annotated on the slides.
public struct Localisation: Codable, Equatable, Sendable {
    public struct Slide: Codable, Equatable, Sendable {
        /// Of the map's value, patches with their centre in a region against the others.
        public var auc: Double?
        public var averagePrecision: Double?
        /// Of the area where the map reaches `from` and the annotated area.
        public var dice: Double?

        enum CodingKeys: String, CodingKey {
            case auc, dice
            case averagePrecision = "average_precision"
        }
    }

    /// Slides with a region.
    public var bySlide: [String: Slide]
    /// Means over the slides where they are defined.
    public var auc: Estimate
    public var averagePrecision: Estimate
    public var dice: Estimate
    /// N·value from which an area of the map counts for Dice.
    public var from: Double
    /// Of N·value over the patches of all these slides together.
    public var pooledAUC: Double?
    public var pooledAveragePrecision: Double?
    public var pooledDice: Double?
    public var froc: FROC?
    /// Why there is no FROC score.
    public var frocReason: String?
    /// Slides with a region but without a patch inside, or with all inside: nothing to rank.
    public var unranked: [String]
    /// Slides that no file was found for and that are not of the first class: left out.
    public var unannotated: [String] = []

    enum CodingKeys: String, CodingKey {
        case auc, dice, from, froc, unranked, unannotated
        case averagePrecision = "average_precision"
        case bySlide = "by_slide"
        case pooledAUC = "pooled_auc"
        case pooledAveragePrecision = "pooled_average_precision"
        case pooledDice = "pooled_dice"
        case frocReason = "froc_reason"
    }

    init(_ slides: [MappedSlide], from: Double, _ bootstrap: Bootstrap) {
        let annotated = slides.filter { !$0.drawn.regions.isEmpty }
        let overlaps = annotated.map { $0.overlap(from: from) }
        let areas = zip(annotated, overlaps).map { slide, overlap in
            Slide(
                auc: Metrics.auc(slide.relative, positive: slide.inside),
                averagePrecision: slide.inside.contains(true)
                    ? Metrics.averagePrecision(slide.relative, positive: slide.inside) : nil,
                dice: overlap.dice
            )
        }
        bySlide = Dictionary(uniqueKeysWithValues: zip(annotated, areas).map { ($0.slide.text, $1) })
        unranked = zip(annotated, areas).filter { $1.auc == nil }.map(\.0.slide.text)
        func mean(_ figure: (Slide) -> Double?) -> Estimate {
            bootstrap.estimate(
                cases: annotated.map(\.judged.caseID),
                undefined: "no slide has patches inside and outside of its regions"
            ) { weights in
                let values = zip(areas, weights).compactMap { area, weight in figure(area).map { ($0, Double(weight)) }
                }
                let total = values.reduce(0) { $0 + $1.1 }
                return total > 0 ? values.reduce(0) { $0 + $1.0 * $1.1 } / total : nil
            }
        }
        (auc, averagePrecision, dice) = (mean(\.auc), mean(\.averagePrecision), mean(\.dice))
        self.from = from
        let (values, inside) = (annotated.flatMap(\.relative), annotated.flatMap(\.inside))
        pooledAUC = Metrics.auc(values, positive: inside)
        pooledAveragePrecision = Metrics.averagePrecision(values, positive: inside)
        pooledDice = overlaps.reduce(RegionRaster.Overlap(), +).dice
        if let unscaled = slides.first(where: { $0.mpp == nil }) {
            frocReason = "\(unscaled.slide.text) has no µm per pixel, which lesions are measured in"
        } else {
            froc = FROC(slides.compactMap(\.detections), bootstrap)
            if froc == nil { frocReason = "no region is a lesion of 275 µm or more" }
        }
    }
}

/// One slide with its map and what was drawn on it.
struct MappedSlide {
    var slide: SlideID
    var judged: JudgedClass
    /// Of the patches, N times: 1 is uniform attention.
    var relative: [Double]
    var corners: [PixelPoint]
    /// Of a patch, in level-0 pixels.
    var side: Int
    /// In level-0 pixels.
    var size: PixelSize
    /// µm per level-0 pixel.
    var mpp: Double?
    /// From level-0 pixel (0, 0); empty on a slide without a lesion.
    var drawn: AnnotatedRegions

    /// Whether each patch's centre lies in an annotated region.
    var inside: [Bool] {
        let half = Double(side) / 2
        return corners.map { drawn.contains(PlanePoint(x: Double($0.x) + half, y: Double($0.y) + half)) }
    }

    private var raster: RegionRaster { RegionRaster(drawn, size: size, mpp: mpp, patchSide: side) }

    func overlap(from least: Double) -> RegionRaster.Overlap {
        raster.overlap(with: relative, corners: corners, side: side, least: least)
    }

    /// The map's peaks, each as confident as its value is high on this slide, times the probability that there is a lesion
    /// at all (of any class but the first). nil without µm per pixel.
    var detections: FROC.Slide? {
        guard let mpp else { return nil }
        let probability = 1 - (judged.probabilities.first ?? 0)
        let highest = relative.max() ?? 0
        let lesions = drawn.regions.isEmpty ? nil : Lesions(raster, mpp: mpp)
        var found = [Double](repeating: 0, count: lesions?.isIsolated.count ?? 0)
        var falsePositives: [Double] = []
        for peak in MapPeaks(relative, corners: corners, side: side).peaks {
            let confidence = probability * peak.value / highest
            if let lesion = lesions?.lesion(at: peak.centre) {
                found[lesion] = max(found[lesion], confidence)
            } else {
                falsePositives.append(confidence)
            }
        }
        let isIsolated = lesions?.isIsolated ?? []
        return FROC.Slide(
            judged: judged,
            lesions: zip(found, isIsolated).filter { !$1 }.map(\.0),
            falsePositives: falsePositives,
            isolated: isIsolated.count { $0 }
        )
    }
}
