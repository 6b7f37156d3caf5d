import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Pipeline

@Suite struct ConflictTests {
    private let scratch: Scratch
    private var stage: Stage

    init() throws {
        scratch = try Scratch()
        let settings = WorkSettings(workers: 1, programs: Programs(wsi: "/none", compute: "/none"))
        stage = Stage(name: .train("acmil"), layout: JobLayout(root: scratch.file("job")), settings: settings)
    }

    private func message(_ causes: Conflict.Cause...) throws -> String? {
        let conflicts = try causes.enumerated().map { Conflict(unit: try UnitID("fold_\($0)"), cause: $1) }
        return Conflict.failure(conflicts, in: stage)?.description
    }

    private func parameter(_ key: String, _ old: String?, _ new: String?) -> Fingerprint.Difference {
        Fingerprint.Difference(key: key, old: old, new: new)
    }

    @Test func onlyTheKeysThatDifferAreNamedWithBothValues() throws {
        let training = parameter(
            "training",
            #"{"epochs":40,"seed":0,"early_stopping":{"patience":5,"minimum":10}}"#,
            #"{"epochs":5,"seed":0,"early_stopping":{"patience":7,"minimum":10},"schedule":"cosine"}"#
        )
        let text = try message(.parameters([parameter("encoder", "uni", "gigapath"), training]))
        #expect(
            text == "error[E_FINGERPRINT] fold_0: train_acmil: a result of another configuration is in the way: "
                + "encoder uni, now gigapath; training.early_stopping.patience 5, now 7; training.epochs 40, now 5; "
                + "training.schedule not set, now cosine; --redo makes it again (1 fold)"
        )
    }

    /// What a training's fingerprint says of a search among rates, or among models.
    private func search(_ key: String, _ values: [JSONValue], epochs: Int = 3) throws -> String {
        let candidates = values.enumerated().map { place, value in
            var training = TrainingConfig()
            training.epochs = epochs
            return SearchCandidate(
                number: place + 1,
                settings: [SearchCandidate.Setting(key: key, value: value)],
                model: .abmil(ABMILConfig()),
                training: training
            )
        }
        return try SearchComparison(measure: .loss, candidates: candidates).words
    }

    @Test func aChangedSearchIsToldByTheValuesThatAreOthers() throws {
        func words(_ old: String, _ new: String) -> String {
            Fingerprint.Difference.words([parameter("search", old, new)])
        }
        let rate = "training.learning_rate"
        let old = try search(rate, [.number(0.25), .number(0.5)])
        let new = try search(rate, [.number(0.25), .number(0.75)])
        #expect(words(old, new) == "search.training.learning_rate [0.25,0.5], now [0.25,0.75]")
        let models = try search("model", [.string("abmil"), .string("dsmil")])
        #expect(
            words(old, models)
                == "search.models not set, now [\"abmil\",\"dsmil\"]; search.training.learning_rate [0.25,0.5], now not set"
        )
        // What they have in common is no value of theirs.
        let longer = try search(rate, [.number(0.25), .number(0.5)], epochs: 4)
        #expect(words(old, longer) == "the candidates of the search are others")
    }

    @Test func joiningNamesTheCommandsThatMakeFolds() throws {
        var stage = stage
        try stage.joinOnly([], seeds: 2)
        let conflict = Conflict(unit: .fold(0, seed: 1), cause: .parameters([parameter("unit", "slide", "case")]))
        let failure = try #require(Conflict.failure([conflict], in: stage))
        #expect(failure.code.exitStatus == .integrity && failure.subject == "seed_1_fold_0")
        #expect(
            failure.message
                == "train_acmil: a result of another configuration is in the way: unit slide, now case; "
                + "wsi train --fold K --seed S --redo makes one again, wsi train --redo without --join all of them"
        )
    }

    @Test func valuesThatAreLongOrAbsentAreSaidInWords() throws {
        let long = String(repeating: "x", count: 60)
        let text = try message(
            .parameters([
                parameter("classes", long, "a, b"), parameter("slide_mpp", nil, "0.5"),
                parameter("quality", "\"full\"", ""),
            ])
        )
        #expect(text?.contains(": classes is another; slide_mpp not set, now 0.5; quality full, now not set; ") == true)
    }

    @Test func theWaysOutAreNamedWithWhatTheyCost() throws {
        var record = RunRecord(
            stages: [.train("acmil")],
            process: .own(),
            began: "2026-05-01T12:00:00Z",
            workers: 2,
            units: 8
        )
        record.throughput = Throughput()
        record.throughput?.units = 8
        record.throughput?.seconds = 20
        try CanonicalJSON.write(record, to: RunRecord.folder(stage.layout).appending(path: "one.json"))
        var stage = stage
        stage.elsewhere = "another name"
        let causes = try (0..<4).map {
            Conflict(unit: try UnitID("fold_\($0)"), cause: .parameters([parameter("unit", "slide", "case")]))
        }
        #expect(
            Conflict.failure(causes, in: stage)?.message
                == "train_acmil: a result of another configuration is in the way (and 3 more): unit slide, now case; "
                + "--redo makes them again (4 folds, about 10 s), another name keeps both"
        )
    }

    @Test func whatIsOlderThanItsInputsHasOneWayOut() throws {
        #expect(
            try message(.inputs(["features", "split"]))
                == "error[E_FINGERPRINT] fold_0: train_acmil: a result is older than what it was made from: features, split "
                + "changed; --redo makes it again (1 fold)"
        )
    }

    @Test func aForeignFileIsNamed() throws {
        #expect(
            try message(.stranger(file: "a_patches.h5"))?.hasSuffix(
                "a file of unknown origin is in the way: a_patches.h5; move it away, or --redo replaces it"
            ) == true
        )
    }

    @Test func withoutConflictsThereIsNoError() throws { #expect(try message() == nil) }
}
