import Foundation
import Records
import Review
import Storage

/// A row of the worklist.
struct WorklistRow: Encodable {
    struct Review: Encodable {
        var reviewer: String
        var verdict: Decision.Verdict
        var time: String
    }

    var id: String
    var label: String?
    var forecasts: [String: ReviewJob.Forecast]
    var quality: JSONValue?
    var reviews: [Review]

    init(_ slide: ReviewJob.SlideEntry, decisions: [Decision]) {
        id = slide.id.text
        label = slide.label
        forecasts = slide.forecasts
        quality = slide.quality
        reviews = decisions.latest.map { Review(reviewer: $0.reviewer, verdict: $0.verdict, time: $0.time) }
    }
}

struct Worklist: Encodable {
    var job: String
    /// Tells jobs of one name apart.
    var key: String
    var models: [String]
    /// 256 colours each, `#rrggbb`.
    var colours: [String: [String]]
    var slides: [WorklistRow]

    static let colourMaps: [(name: String, map: ColourMap)] = [
        ("lagoon", ColourMap(.lagoon)), ("dune", ColourMap(.dune)),
    ]

    static var coloursInHex: [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: colourMaps.map { name, map in
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
    }

    var id: String
    var label: String?
    var quality: JSONValue?
    var forecast: ReviewJob.Forecast?
    var mpp: Double?
    var pyramid: TilePyramid?
    var deepest: Int?
    /// Why the slide itself cannot be shown.
    var problem: String?
    /// In level-0 pixels.
    var patchSide: Int?
    /// What part of the tissue no patch covers, in words; nil where that is not known.
    var unexamined: String?
    var maps: [Map]
    /// Oldest first; all of them.
    var decisions: [Decision]

    static func maps(_ shown: MapShelf.Shown?) -> [Map] {
        (shown?.all ?? []).map { map in
            Map(
                title: map.title,
                unit: map.quantity.title,
                word: map.quantity.word,
                low: map.range.lowerBound,
                high: map.range.upperBound
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
