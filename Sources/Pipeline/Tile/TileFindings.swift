import Foundation
import Records
import Storage

/// What a person should know about the slides of a cohort once all are tiled.
struct TileFindings {
    /// Slides of one nominal scale differ by less than this.
    private static let tolerance = 0.05

    /// The outcomes with the note of each slide whose scale is not the cohort's.
    static func comparingScales(_ outcomes: [Outcome]) -> [Outcome] {
        let notes = notes(ofScales: outcomes.map { $0[.scaleRatio] })
        return zip(outcomes, notes).map { outcome, note in
            var outcome = outcome
            outcome[.scaleNote] = note
            return outcome
        }
    }

    /// What is to be said of each slide, whose scale is nil where it has none.
    ///
    /// Nominal is the cohort's median, apart from powers of two, since a 40× and a 20× scanner are meant to differ by one.
    /// Patches are resampled to one scale all the same; slides that stand apart are another scanner's, or wrong about their
    /// µm per pixel.
    private static func notes(ofScales ratios: [Double?]) -> [String?] {
        let octaves = ratios.compactMap { ratio in ratio.map { fraction(of: log2($0)) } }.sorted()
        return ratios.map { ratio in
            guard let ratio else { return nil }
            let deviation = exp2(fraction(of: log2(ratio) - octaves[octaves.count / 2])) - 1
            guard abs(deviation) > tolerance else { return nil }
            let percent = (abs(deviation) * 100).whole
            return "\(percent) % \(deviation > 0 ? "coarser" : "finer") than the cohort's nominal scale"
        }
    }

    /// What is kept of an outcome to compare it with thousands of others.
    private struct Scale: Sendable {
        var unit: UnitID
        var ratio: Double?
        var note: String?
    }

    /// Writes these notes into all outcomes of a job, and looks again until there is nothing to write: of processes that tile
    /// parts of a cohort beside each other, the one that ends last has then compared all slides, whichever that is.
    /// - Returns: the given outcomes with their notes.
    static func recordScales(of own: [Outcome], in layout: JobLayout) throws -> [Outcome] {
        var notes: [UnitID: String] = [:]
        for _ in 0..<10 {
            let standing = try Stage.outcomes(stage: StageName.tile, in: layout) {
                Scale(unit: $0.unit, ratio: $0[.scaleRatio], note: $0[.scaleNote])
            }
            var isChanged = false
            for (scale, note) in zip(standing, self.notes(ofScales: standing.map(\.ratio))) {
                notes[scale.unit] = note
                guard note != scale.note, var outcome = try layout.record(of: scale.unit, stage: StageName.tile) else {
                    continue
                }
                outcome[.scaleNote] = note
                try outcome.write(to: layout.outcome(stage: StageName.tile, outcome.unit))
                isChanged = true
            }
            if !isChanged { break }
        }
        var noted = own
        for place in noted.indices where noted[place][.scaleNote] != notes[noted[place].unit] {
            noted[place][.scaleNote] = notes[noted[place].unit]
        }
        return noted
    }

    /// From -0.5 to 0.5.
    private static func fraction(of octaves: Double) -> Double { octaves - octaves.rounded() }

    /// Lines for the end of a run.
    static func notes(_ outcomes: [Outcome]) -> [String] {
        var notes: [String] = []
        let apart = outcomes.filter { $0[.scaleNote] != nil }
        if !apart.isEmpty {
            notes.append(
                "\(apart.count) slide(s) differ by more than 5 % from the cohort's nominal scale; check their µm per pixel: "
                    + named(apart)
            )
        }
        let assumed = outcomes.filter { $0[.regionsOrigin] != nil }
        if !assumed.isEmpty {
            notes.append(
                "the regions of \(assumed.count) slide(s) do not say what they count from, and were taken from the bounds' "
                    + "corner; --origin slide is the other choice: " + named(assumed)
            )
        }
        notes += said(of: outcomes, stage: StageName.tile)
        let doubtful = outcomes.filter { $0[.quality] != nil }
        for outcome in doubtful.prefix(10) {
            notes.append("quality: \(outcome.unit): \(outcome[.quality] ?? "")")
        }
        if doubtful.count > 10 {
            notes.append("quality: \(doubtful.count - 10) more slides have findings; see outcomes/tile and quality/")
        }
        return notes
    }

    /// The notes of units, of many only the first ten.
    static func said(of outcomes: [Outcome], stage: StageName) -> [String] {
        let said = outcomes.flatMap { outcome in (outcome.notes ?? []).map { "\(outcome.unit): \($0)" } }
        return said.prefix(10) + (said.count > 10 ? ["\(said.count - 10) more such notes; see outcomes/\(stage)"] : [])
    }

    /// The first three.
    private static func named(_ outcomes: [Outcome]) -> String {
        outcomes.prefix(3).map(\.unit.text).joined(separator: ", ") + (outcomes.count > 3 ? ", …" : "")
    }
}
