import Files
import Foundation
import Heatmaps
import Imaging
import Records
import Storage

/// A row of the worklist, as its reader may see it.
struct WorklistRow: Encodable {
    struct Review: Encodable {
        var reviewer: String
        var kind: Decision.Kind
        var verdict: Decision.Verdict
        var className: String?
        var time: String
        var model: String?
        var isBlinded: Bool?
        var standing: Standing

        enum CodingKeys: String, CodingKey {
            case reviewer, kind, verdict
            case className = "class"
            case time, model
            case isBlinded = "blinded"
            case standing
        }

        init(_ decision: Decision, of slide: ReviewJob.SlideEntry) {
            reviewer = decision.reviewer
            kind = decision.kind ?? .opinion
            verdict = decision.verdict
            className = decision.className
            time = decision.time
            model = decision.model
            isBlinded = decision.isBlinded
            standing = decision.standing(in: slide)
        }
    }

    var id: String
    var caseID: String?
    var label: String?
    var sealed: Bool
    var state: SlideState.Step
    var reason: String?
    var assigned: [String]
    var forecasts: [String: ReviewJob.Forecast]
    var quality: JSONValue?
    var reviews: [Review]

    enum CodingKeys: String, CodingKey {
        case id
        case caseID = "case"
        case label, sealed, state, reason, assigned, forecasts, quality, reviews
    }

    /// - Parameter read: the decisions about the slide, or why they cannot be read: the row says that, and stays sealed.
    init(
        _ slide: ReviewJob.SlideEntry,
        decisions read: Result<[Decision], any Error>,
        sight: ReaderSight,
        assigned: [String]
    ) {
        let decisions = (try? read.get()) ?? []
        sealed = sight.isSealed(decisions)
        id = slide.id.text
        caseID = slide.caseID
        label = sealed ? nil : slide.label
        state = slide.state.step
        reason = slide.state.reason
        self.assigned = assigned
        forecasts = sealed ? [:] : slide.forecasts
        quality = slide.quality
        reviews = sealed ? [] : decisions.latestByModel.map { Review($0, of: slide) }
        if case .failure(let error) = read {
            (state, reason) = (.failed, "its decisions cannot be read: \(Failure(error).message)")
        }
    }
}

struct Worklist: Encodable {
    var job: String
    /// Tells jobs of one name apart.
    var key: String
    var version: String
    /// Whether slides are sealed for every reader.
    var blinded: Bool
    var models: [String]
    var classes: [String]
    /// Of the assignment.
    var readers: [String]
    /// 256 colours each, `#rrggbb`.
    var colours: [String: [String]]
    var slides: [WorklistRow]

    static var coloursInHex: [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: (ColourMap.all.map { ($0.name.rawValue, $0.map) } + [("signed", .signed)]).map {
                name,
                map in
                (name, map.colours.map { String(format: "#%02x%02x%02x", $0.red, $0.green, $0.blue) })
            }
        )
    }
}

/// What the viewer needs to know of a slide.
struct SlideAnswer: Encodable {
    struct Map: Encodable {
        var title: String
        var unit: String
        var word: String
        /// Ends of the absolute scale.
        var low: Double
        var high: Double
        /// Whether 0 is the middle of its colours; nil: no.
        var signed: Bool?
    }

    var id: String
    var caseID: String?
    var label: String?
    var quality: JSONValue?
    /// Whether what was said of it is withheld from the reader.
    var sealed: Bool
    var state: SlideState.Step
    var reason: String?
    /// Whose result this is; nil without one.
    var model: String?
    var digest: String?
    var forecast: ReviewJob.Forecast?
    var mpp: Double?
    /// As the slide was tiled, where it cannot be opened.
    var pyramid: TilePyramid?
    var deepest: Int?
    /// Whether the slide itself can be shown.
    var hasTiles = true
    /// Whether that is only because it is on its way here.
    var isComing = false
    /// Why the slide itself cannot be shown.
    var problem: String?
    /// In level-0 pixels.
    var patchSide: Int?
    /// What part of the tissue no patch covers, in words; nil where that is not known.
    var unexamined: String?
    var maps: [Map]
    /// Of the study.
    var classes: [String]
    /// Oldest first; all that the reader may see.
    var decisions: [SeenDecision]

    enum CodingKeys: String, CodingKey {
        case id
        case caseID = "case"
        case label, quality, sealed, state, reason, model, digest, forecast, mpp, pyramid, deepest, problem, patchSide,
            unexamined
        case hasTiles = "tiles"
        case isComing = "coming"
        case maps, classes, decisions
    }

    /// What the job knows; what the slide's own file tells is added.
    /// - Parameters:
    ///   - model: whose result is shown; nil for none.
    ///   - shown: its maps.
    ///   - sealed: whether what was said of the slide is withheld.
    init(
        _ slide: ReviewJob.SlideEntry,
        of job: ReviewJob,
        model: String?,
        shown: MapShelf.Shown?,
        sealed: Bool,
        decisions: [SeenDecision]
    ) {
        id = slide.id.text
        caseID = slide.caseID
        label = sealed ? nil : slide.label
        quality = slide.quality
        self.sealed = sealed
        (state, reason) = (slide.state.step, slide.state.reason)
        self.model = model
        forecast = model.flatMap { slide.forecasts[$0] }
        digest = forecast?.digest
        mpp = slide.mpp
        patchSide = shown?.maps.side
        unexamined = shown?.uncovered?.words
        maps = Self.maps(shown)
        classes = job.classes
        self.decisions = decisions
    }

    private static func maps(_ shown: MapShelf.Shown?) -> [Map] {
        (shown?.all ?? []).map { map in
            Map(
                title: map.title,
                unit: map.quantity.title,
                word: map.quantity.word,
                low: map.range.lowerBound,
                high: map.range.upperBound,
                signed: map.quantity.isSigned ? true : nil
            )
        }
    }
}

/// A patch of the list of the highest.
struct TopPatch: Encodable {
    var x: Int
    var y: Int
    var value: Float
    /// 0...100.
    var percentile: Float

    static func list(_ map: PatchMap, corners: [PixelPoint], count: Int) -> [TopPatch] {
        let ranks = map.percentiles
        return map.descending.prefix(count).map { row in
            TopPatch(x: corners[row].x, y: corners[row].y, value: map.values[row], percentile: ranks[row] * 100)
        }
    }
}

/// A decision with how it stands to what the job says now.
struct SeenDecision: Encodable {
    var decision: Decision
    var standing: Standing

    private enum CodingKeys: CodingKey { case standing }

    func encode(to encoder: any Encoder) throws {
        try decision.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(standing, forKey: .standing)
    }

    static func list(_ decisions: [Decision], of slide: ReviewJob.SlideEntry, sight: ReaderSight) -> [SeenDecision] {
        guard !sight.isSealed(decisions) else { return [] }
        return decisions.map { SeenDecision(decision: $0, standing: $0.standing(in: slide)) }
    }
}

/// The values of all patches of a map.
struct MapValues: Encodable {
    /// In level-0 pixels.
    var side: Int
    /// x and y of each patch's corner, one after the other.
    var places: [Int]
    var values: [Float]
}
