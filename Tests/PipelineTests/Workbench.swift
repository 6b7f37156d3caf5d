import Foundation
import Records
import Storage
import Synchronization
import TestSupport

@testable import Files
@testable import Pipeline

/// A job with one stage whose work writes one file per unit.
struct Workbench {
    let scratch: Scratch
    var stage: Stage

    init() throws {
        scratch = try Scratch()
        let settings = WorkSettings(workers: 1, programs: Programs(wsi: "/none", compute: "/none"))
        stage = Stage(name: StageName("paint"), layout: JobLayout(root: scratch.file("job")), settings: settings)
    }

    func unit(_ id: String, mpp: String = "0.5", slide: String = "aa") throws -> Stage.Unit {
        Stage.Unit(
            id: try UnitID(id),
            fingerprint: Fingerprint(stage: "paint", parameters: ["mpp": mpp], inputs: ["slide": slide])
        )
    }

    func output(_ unit: Stage.Unit) -> URL { stage.layout.root.appending(path: "paintings/\(unit.id.text).txt") }

    /// Plans and runs; returns the ids that were worked on.
    @discardableResult
    func run(_ units: [Stage.Unit], failing: Set<String> = []) async throws -> (worked: [String], result: StageResult) {
        let worked = Mutex<[String]>([])
        let result = try await stage.run(stage.plan(units), progress: { _ in }) { waiting, record in
            for unit in waiting {
                worked.withLock { $0.append(unit.id.text) }
                var outcome = Outcome(unit: unit.id, stage: stage.name, status: .ok, fingerprint: unit.fingerprint)
                if failing.contains(unit.id.text) {
                    outcome.status = .failed
                    outcome.failure = Failure(.slideCorrupt, unit.id.text, "torn")
                } else {
                    try AtomicFile.write("\(unit.fingerprint)", to: output(unit))
                    try outcome.record([output(unit)], in: stage.layout)
                }
                try record(outcome)
            }
        }
        return (worked.withLock { $0 }, result)
    }
}
