import Imaging
import Records
import Storage

/// CAMELYON16's score of lesion detection: the mean sensitivity at ¼, ½, 1, 2, 4 and 8 false positives per slide (Ehteshami
/// Bejnordi et al., JAMA 318, 2017).
public struct FROC: Codable, Equatable, Sendable {
    public struct Point: Codable, Equatable, Sendable {
        public var falsePositives: Double
        public var sensitivity: Double

        enum CodingKeys: String, CodingKey {
            case sensitivity
            case falsePositives = "false_positives"
        }
    }

    public var score: Estimate
    public var sensitivities: [Point]
    /// Slides with and without lesions.
    public var slides: Int
    /// Those to be found.
    public var lesions: Int
    /// Regions too short to count.
    public var isolated: Int

    private static let rates = [0.25, 0.5, 1, 2, 4, 8]

    /// What a map points at on one slide.
    struct Slide {
        var judged: JudgedClass
        /// Of every lesion that counts, the highest confidence of a point in it; 0 where none is.
        var lesions: [Double]
        var falsePositives: [Double]
        var isolated: Int
    }

    /// nil without a lesion that counts.
    init?(_ slides: [Slide], _ bootstrap: Bootstrap) {
        let total = slides.reduce(0) { $0 + $1.lesions.count }
        guard total > 0 else { return nil }
        var events: [Event] = []
        for (index, slide) in slides.enumerated() {
            events += slide.lesions.map { Event(confidence: $0, slide: index, isLesion: true) }
            events += slide.falsePositives.map { Event(confidence: $0, slide: index, isLesion: false) }
        }
        events = events.filter { $0.confidence > 0 }.sorted { $0.confidence > $1.confidence }
        let counts = slides.map(\.lesions.count)
        score = bootstrap.estimate(cases: slides.map(\.judged.caseID), undefined: "no lesion") { weights in
            let values = Self.sensitivities(events, lesions: counts, weights: weights)
            return values.map { $0.reduce(0, +) / Double($0.count) }
        }
        let ones = slides.map { _ in 1 }
        sensitivities = zip(Self.rates, Self.sensitivities(events, lesions: counts, weights: ones) ?? []).map {
            Point(falsePositives: $0, sensitivity: $1)
        }
        self.slides = slides.count
        lesions = total
        isolated = slides.reduce(0) { $0 + $1.isolated }
    }

    private struct Event {
        var confidence: Double
        var slide: Int
        var isLesion: Bool
    }

    /// Sensitivity at each rate, linear between the thresholds at which either count changes; beyond the last one nothing
    /// more is found.
    /// - Parameters:
    ///   - events: from the highest confidence to the lowest.
    ///   - weights: how often each slide counts.
    private static func sensitivities(_ events: [Event], lesions: [Int], weights: [Int]) -> [Double]? {
        let slides = Double(weights.reduce(0, +))
        let total = Double(zip(lesions, weights).reduce(0) { $0 + $1.0 * $1.1 })
        guard total > 0 else { return nil }
        var (found, alarms) = (0.0, 0.0)
        var curve = [(rate: 0.0, sensitivity: 0.0)]
        for (index, event) in events.enumerated() {
            if event.isLesion { found += Double(weights[event.slide]) } else { alarms += Double(weights[event.slide]) }
            let isLast = index + 1 == events.count || events[index + 1].confidence < event.confidence
            if isLast { curve.append((alarms / slides, found / total)) }
        }
        return rates.map { rate in
            guard let above = curve.firstIndex(where: { $0.rate > rate }) else { return curve.last?.sensitivity ?? 0 }
            let (low, high) = (curve[above - 1], curve[above])
            return low.sensitivity + (high.sensitivity - low.sensitivity) * (rate - low.rate) / (high.rate - low.rate)
        }
    }
}

/// The patches of a map that stand out from those around them, each with its value.
struct MapPeaks {
    let peaks: [(value: Double, centre: PlanePoint)]

    /// From the highest value down, a patch is a peak where no patch that touches it, even at a corner, is one. Of equal
    /// values the first in row order; values of 0 and less are none.
    init(_ values: [Double], corners: [PixelPoint], side: Int) {
        struct Place: Hashable { var x, y: Int }
        // A peak keeps others at 1.5 sides away along an axis: it is looked for in its own square of that side and eight more.
        let reach = Double(side) * 1.5
        var taken: [Place: [PixelPoint]] = [:]
        var peaks: [(Double, PlanePoint)] = []
        let order = values.indices.filter { values[$0] > 0 }.sorted { (values[$1], $0) < (values[$0], $1) }
        for patch in order {
            let corner = corners[patch]
            let place = Place(x: Int(Double(corner.x) / reach), y: Int(Double(corner.y) / reach))
            let isNear = (place.y - 1...place.y + 1).contains { y in
                (place.x - 1...place.x + 1).contains { x in
                    taken[Place(x: x, y: y), default: []].contains {
                        max(abs(Double($0.x - corner.x)), abs(Double($0.y - corner.y))) < reach
                    }
                }
            }
            guard !isNear else { continue }
            taken[place, default: []].append(corner)
            let half = Double(side) / 2
            peaks.append((values[patch], PlanePoint(x: Double(corner.x) + half, y: Double(corner.y) + half)))
        }
        self.peaks = peaks
    }
}
