import Files
import Foundation
import Pipeline
import Records
import Testing

@testable import Config

/// What a config's section `search` is read as, and what of it is refused before any work.
@Suite struct SearchConfigTests {
    private func config(_ search: String, model: String = #"{"kind": "abmil"}"#, more: String = "") throws
        -> PipelineConfig
    {
        let text = """
            {"cohort": {"slides": "s", "labels": "l"}, "model": \(model), "search": \(search)\(more)}
            """
        return try JSONDecoder().decode(PipelineConfig.self, from: Data(text.utf8))
    }

    private func candidates(_ search: String, model: String = #"{"kind": "abmil"}"#) throws -> [SearchCandidate] {
        let config = try config(search, model: model)
        return try #require(config.search).candidates(of: config.model, config.training)
    }

    private func refusal(_ search: String, model: String = #"{"kind": "abmil"}"#, more: String = "") throws
        -> ConfigError
    {
        try #require(throws: ConfigError.self) { try config(search, model: model, more: more) }
    }

    @Test func everyCombinationIsACandidateInTheOrderOfTheReference() throws {
        let found = try candidates(
            #"""
            {"training": {"epochs": [3, 5], "learning_rate": [0.001, 0.01]},
             "models": [{"kind": "abmil"}, {"kind": "acmil", "branches": 3}]}
            """#
        )
        #expect(found.map(\.number) == Array(1...8))
        #expect(found.map(\.model.kind) == [.abmil, .abmil, .abmil, .abmil, .acmil, .acmil, .acmil, .acmil])
        // The reference has the rate before the epochs.
        #expect(found.map(\.training.learningRate) == [0.001, 0.001, 0.01, 0.01, 0.001, 0.001, 0.01, 0.01])
        #expect(found.map(\.training.epochs) == [3, 5, 3, 5, 3, 5, 3, 5])
        #expect(
            found[7].words
                == "candidate 8 (model acmil (branches 3), training.learning_rate 0.01, training.epochs 5)"
        )
    }

    @Test func keysOfTheModelAndLeftOutOnesAreTried() throws {
        let found = try candidates(
            #"{"model": {"dropout": [0, 0.25]}, "training": {"mixup": [null, 0.3]}}"#,
            model: #"{"kind": "abmil", "hidden": 16, "dropout": 0.5}"#
        )
        let models = try found.map { candidate -> ABMILConfig in
            guard case .abmil(let config) = candidate.model else { throw ConfigError("model", "another kind") }
            return config
        }
        #expect(models.map(\.dropout) == [0, 0, 0.25, 0.25] && models.allSatisfy { $0.hidden == 16 })
        #expect(found.map(\.training.mixup) == [nil, 0.3, nil, 0.3])
    }

    @Test func aLeftOutKeyOfMHIMIsThatOfItsVersion() throws {
        let found = try candidates(
            #"{"model": {"consistency": [null, 0.7]}}"#,
            model: #"{"kind": "mhim", "version": 1, "consistency": 0.3}"#
        )
        let first = try #require(found.first?.model)
        #expect(first == .mhim(MHIMConfig(version: 1)))
    }

    @Test func beyondTheBudgetASampleIsDrawnThatItsSeedTells() throws {
        let rates = (1...20).map { "\(Double($0) / 1000)" }.joined(separator: ", ")
        func drawn(_ seed: Int, _ count: Int = 6) throws -> [SearchCandidate] {
            try candidates(
                #"{"training": {"learning_rate": [\#(rates)], "epochs": [2, 3, 4]}, "candidates": \#(count), "seed": \#(seed)}"#
            )
        }
        let first = try drawn(1)
        let (again, other) = (try drawn(1), try drawn(2))
        #expect(first.count == 6 && first == again)
        #expect(first.map(\.settings) != other.map(\.settings))
        // Without replacement, in the order of the grid.
        let places = first.map {
            Int((($0.training.learningRate ?? 0) * 1000).rounded()) * 3 + ($0.training.epochs ?? 0)
        }
        #expect(places == places.sorted() && Set(places).count == 6)
        #expect(try drawn(1, 60).count == 60 && drawn(5, 1000).count == 60)
        // Every combination is as likely as any other: each is drawn in about a tenth of the samples.
        var counts: [Int: Int] = [:]
        for seed in 0..<300 {
            for candidate in try drawn(seed) {
                counts[Int(((candidate.training.learningRate ?? 0) * 1000).rounded()), default: 0] += 1
            }
        }
        #expect(counts.count == 20 && counts.values.allSatisfy { (50...140).contains($0) }, "\(counts)")
    }

    @Test(arguments: [
        (#"{"training": {"rate": [1, 2]}}"#, "search.training.rate"),
        (#"{"training": {"learning_rate": 0.1}}"#, "search.training.learning_rate"),
        (#"{"training": {"learning_rate": []}}"#, "search.training.learning_rate"),
        (#"{"training": {"learning_rate": [0.1, 0.1]}}"#, "search.training.learning_rate[1]"),
        (#"{"training": {"learning_rate": [0.1, 7]}}"#, "search.training.learning_rate[1]"),
        (#"{"training": {"epochs": [3, 2.5]}}"#, "search.training.epochs[1]"),
        (#"{"training": {"optimiser": ["adam", "sgd"]}}"#, "search.training.optimiser[1]"),
        (
            #"{"training": {"early_stopping": [null, {"patience": -1}]}}"#,
            "search.training.early_stopping[1].patience"
        ),
        (#"{"training": {"seed": [1, 2]}}"#, "search.training.seed"),
        (#"{"training": {"survival_bins": [4, 8]}}"#, "search.training.survival_bins"),
        (#"{"model": {"dropout": [0, 1]}}"#, "search.model.dropout[1]"),
        (#"{"model": {"branches": [2, 3]}}"#, "search.model.branches"),
        (#"{"model": {"kind": ["abmil", "mean"]}}"#, "search.model.kind"),
        (#"{"models": [{"kind": "abmil"}, {"kind": "cnn"}]}"#, "search.models[1].kind"),
        (#"{"models": [{"kind": "abmil"}, {"kind": "abmil", "heads": 2}]}"#, "search.models[1].heads"),
        (#"{"models": [{"kind": "abmil"}, {"kind": "abmil"}]}"#, "search.models[1]"),
        (#"{"models": [{"kind": "mean"}, {"kind": "max"}], "model": {"dropout": [0, 0.1]}}"#, "search.model"),
        (#"{"training": {"learning_rate": [0.1, 0.2]}, "candidates": 1}"#, "search.candidates"),
        (#"{"training": {"learning_rate": [0.1, 0.2]}, "measure": "last"}"#, "search.measure"),
        (#"{"trainings": {}}"#, "search.trainings"),
        (#"{"training": {"learning_rate": [0.1]}}"#, "search"),
        ("{}", "search"),
        // One value written in two ways.
        (#"{"training": {"epochs": [null, 7]}, "model": {"dropout": [null, 0]}}"#, "search.model.dropout[1]"),
        (#"{"models": [{"kind": "mean"}, {"kind": "abmil"}, {"kind": "abmil", "dropout": 0}]}"#, "search.models[2]"),
    ])
    func whatCannotBeTriedIsRefusedWithItsPath(search: String, path: String) throws {
        let error = try refusal(search)
        #expect(error.subject == path, "\(error)")
    }

    @Test func whatIsListedTwiceIsNamedTwice() throws {
        let models = try refusal(#"{"models": [{"kind": "mean"}, {"kind": "abmil"}, {"kind": "abmil", "dropout": 0}]}"#)
        #expect(models.message == "[2] is the same as [1]; leave one of them out")
        let rates = try refusal(#"{"training": {"learning_rate": [0.1, 0.2, 0.1]}}"#)
        #expect(
            rates.subject == "search.training.learning_rate[2]" && rates.message.hasPrefix("[2] is the same as [0]")
        )
    }

    @Test func theWordsOfANarrowedChoiceAreThoseThatItTakes() throws {
        let rates = #""training": {"learning_rate": [0.1, 0.2]}"#
        let unknown = try refusal(#"{\#(rates), "measure": "best"}"#)
        #expect(unknown == (try refusal(#"{\#(rates), "measure": "last"}"#)))
        #expect(unknown.message == "one of loss, auc, f1_auc, balanced_accuracy is wanted here")
    }

    @Test func keysThatDoNotGoTogetherAreRefusedWithTheirCandidate() throws {
        let error = try refusal(#"{"training": {"epochs": [5, 50], "warmup_epochs": [0, 10]}}"#)
        #expect(error.subject == "search")
        #expect(
            error.message.contains(
                "candidate 2 (training.epochs 5, training.warmup_epochs 10): training.warmup_epochs:"
            ),
            "\(error.message)"
        )
        let model = try refusal(
            #"{"model": {"heads": [2, 4]}}"#,
            model: #"{"kind": "acmil"}"#
        )
        #expect(model.subject == "search.model.heads[0]" && model.message.contains("variant ga"), "\(model)")
    }

    @Test func thePapersProtocolWouldChooseOnTheTestPart() throws {
        let error = try refusal(
            #"{"training": {"epochs": [3, 5]}}"#,
            more: #", "evaluation": {"protocol": "paper"}"#
        )
        #expect(error.subject == "evaluation.protocol")
    }

    @Test func candidatesAreComparedByWhatChoosesTheirEpochs() throws {
        func measure(_ search: String, model: String = #"{"kind": "abmil"}"#, kind: Target.Kind = .class) throws
            -> Recipe.Selection
        {
            let config = try config(search, model: model)
            let section = try #require(config.search)
            return section.measure(try candidates(search, model: model), classes: 2, kind: kind)
        }
        let rates = #""training": {"learning_rate": [0.1, 0.2]}"#
        #expect(try measure("{\(rates)}") == .f1AUC)
        #expect(try measure("{\(rates)}", kind: .survival) == .loss)
        #expect(try measure(#"{\#(rates), "measure": "auc"}"#) == .auc)
        // Rules that differ, or choose nothing, leave the loss.
        #expect(try measure(#"{"models": [{"kind": "abmil"}, {"kind": "dsmil"}]}"#) == .loss)
        #expect(try measure(#"{"training": {"selection": ["last"], "epochs": [3, 5]}}"#) == .loss)
        #expect(try measure(#"{"training": {"plan": ["auto"], "learning_rate": [0.1, 0.2]}}"#) == .loss)
    }

    @Test func aConfigWithoutASearchSaysNothingOfOne() throws {
        let text = #"{"cohort": {"slides": "s", "labels": "l"}, "model": {"kind": "abmil"}}"#
        let config = try JSONDecoder().decode(PipelineConfig.self, from: Data(text.utf8))
        #expect(!String(decoding: try CanonicalJSON.line(config), as: UTF8.self).contains("search"))
    }

    @Test func theResolvedConfigReadsBackAsItself() throws {
        let config = try config(
            #"{"training": {"learning_rate": [0.0001, 0.0003], "class_weights": ["balanced", [1, 2]]}, "candidates": 3, "seed": 5}"#
        )
        let again = try JSONDecoder().decode(PipelineConfig.self, from: CanonicalJSON.line(config))
        #expect(again == config)
    }
}
