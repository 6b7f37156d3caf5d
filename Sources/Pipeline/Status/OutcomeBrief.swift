import Files
import Foundation
import Records
import Storage

/// What thousands of outcomes are asked for together: what became of a unit, what that was made of, and as what later stages have it. A
/// whole outcome takes several times as long to read and to hand on.
final class OutcomeBrief: Sendable {
    let unit: UnitID
    let stage: StageName
    /// Of the stage.
    let kind: StageName.Kind?
    let status: Outcome.Status
    /// `Fingerprint.inputs`.
    let inputs: [String: String]
    /// `Outcome.version`; nil where there is no result, or nobody asks for it.
    let version: String?
    /// Of tiles: the digest of the slide's outlines.
    let outlines: String?
    let openSlide: String?
    let emptyReason: String?
    /// Whether each output was there with its recorded size when the record was read: then `Outcome.damage` finds none by
    /// `Scrutiny.size`. False where that was not told at once.
    let isThere: Bool
    /// What few outcomes have.
    let failure: Failure?
    let accepted: [Mismatch]?
    let notes: [String]?

    init(
        unit: UnitID,
        stage: StageName,
        kind: StageName.Kind?,
        status: Outcome.Status,
        inputs: [String: String],
        version: String?,
        outlines: String?,
        openSlide: String?,
        emptyReason: String?,
        isThere: Bool
    ) {
        (self.unit, self.stage, self.kind, self.status, self.inputs) = (unit, stage, kind, status, inputs)
        (self.version, self.outlines, self.openSlide) = (version, outlines, openSlide)
        (self.emptyReason, self.isThere) = (emptyReason, isThere)
        (failure, accepted, notes) = (nil, nil, nil)
    }

    /// - Parameters:
    ///   - isVersioned: whether anybody asks for its version.
    ///   - job: where its outputs are looked for; nil: nowhere.
    init(_ outcome: Outcome, isVersioned: Bool, _ common: CommonLine = CommonLine(), in job: OpenFolder? = nil) throws {
        (unit, stage, kind, status) = (outcome.unit, outcome.stage, outcome.stage.kind, outcome.status)
        inputs = outcome.fingerprint.inputs
        version = isVersioned && outcome.hasResult ? try outcome.version(common) : nil
        outlines = outcome.stage == .tile ? outcome.outputs[JobLayout.outlines(of: outcome.slide)] : nil
        (openSlide, emptyReason) = (outcome[.openSlide], outcome.emptyReason)
        isThere = job.map { outcome.hasResult && outcome.isThere(in: $0) } ?? false
        (failure, accepted, notes) = (outcome.failure, outcome.accepted, outcome.notes)
    }

    var slide: SlideID { unit.slide }
    var hasResult: Bool { status.hasResult }

    subscript(input: Fingerprint.Input) -> String? { inputs[input.rawValue] }
}

/// The records of a stage, of which thousands are read in brief.
struct BriefFolder: Sendable {
    private let url: URL
    private let folder: OpenFolder?
    private let job: OpenFolder?
    private let shape: BriefText.Shape
    private let common = CommonLine()

    /// - Parameter job: where outputs are looked for; nil: nowhere.
    init(_ stage: StageName, in layout: JobLayout, outputs job: OpenFolder?) {
        url = layout.outcomes(stage: stage)
        (folder, self.job) = (OpenFolder(url), job)
        // Of maps nothing is made.
        shape = BriefText.Shape(stage: stage, isVersioned: stage.kind != .heatmap)
    }

    /// - Parameter name: of a file.
    /// - Throws: as `Outcome.read`.
    func brief(named name: String) throws -> OutcomeBrief {
        let plain = folder?.content(of: name) { bytes in
            Seal.isWhole(bytes) == true ? BriefText.brief(bytes, shape, in: job) : nil
        }
        if let plain { return plain }
        let outcome = try Outcome.read(url.appending(path: name))
        return try OutcomeBrief(outcome, isVersioned: shape.isVersioned, common, in: job)
    }
}
