import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL
@testable import Messages

/// A fold that compares candidates on its validation part before one of them is its model.
@Suite struct SearchTests: ComparingCandidates {
    let fixture: SearchProblem

    init() throws { fixture = try SearchProblem() }

    private func record(_ candidate: FoldSearch.Candidate, _ fold: URL) -> URL {
        FoldFolder(fold).candidate(candidate.fingerprint).file(.record)
    }

    /// Another number where the file was written anew.
    private func identity(_ file: URL) throws -> Int {
        let facts = try FileManager.default.attributesOfItem(atPath: file.path)
        return try #require(facts[.systemFileNumber] as? Int)
    }

    @Test func anAbsurdCandidateIsNeverChosen() throws {
        let candidates = [try candidate(1, rate: 1e-9), try candidate(2), try candidate(3, rate: 1e-8)]
        for fold in 0..<3 {
            let request = self.request(candidates, fold: fold)
            let (answer, search) = try run(request)
            #expect((search.chosen, search.measure) == (2, .loss))
            #expect(search.candidates.map(\.number) == [1, 2, 3] && search.candidates.allSatisfy { $0.value != nil })
            let values = search.candidates.compactMap(\.value)
            #expect(values[1] < min(values[0], values[2]), "the smallest loss")
            let card = try Checkpoint(folder: URL(filePath: request.output)).card
            #expect(card.training.learningRate == 2e-3 && card.epoch == search.winner?.epoch)
            #expect(card.fingerprint == "abc", "the fold is that of the whole search")
            #expect((answer.figures["test_auc"] ?? 0) >= 0.9)
            let folder = URL(filePath: request.output)
            let found = Set(Scratch.tree(folder).keys.filter { $0.hasPrefix("search/") })
            let records = candidates.map { "search/\($0.fingerprint.prefix(16))/candidate.json" }
            #expect(found == Set(records), "no weights stay but the model's")
            #expect(Set(answer.outputs).isSuperset(of: candidates.map { record($0, folder).path }))
        }
    }

    @Test func ofOtherMeasuresTheLargestIsTheBest() throws {
        let candidates = [try candidate(1, rate: 1e-9), try candidate(2), try candidate(3, rate: 1e-8)]
        let (_, search) = try run(request(candidates, .auc))
        let values = search.candidates.map { $0.value ?? 0 }
        #expect(search.chosen == (values.firstIndex(of: values.max() ?? 0) ?? 0) + 1)
        #expect(values.allSatisfy { (0...1).contains($0) } && values.contains { $0 > 0.5 })
    }

    @Test func theChosenOneIsTheModelThatItWouldBeAlone() throws {
        let candidates = [try candidate(1, rate: 1e-9), try candidate(2)]
        let searched = request(candidates)
        try run(searched)
        let (other, folder) = (try Scratch(), URL(filePath: searched.output))
        var alone = problem.request(0, in: other.folder)
        (alone.model, alone.training) = (candidates[1].config.model, candidates[1].config.training)
        _ = try FoldTraining(alone, bags: problem.bags).run { _ in }
        for file in [FoldFolder.File.weights, .predictions, .history, .baselines] {
            let own = FileManager.default.contents(atPath: FoldFolder(folder).file(file).path)
            let plain = FileManager.default.contents(atPath: other.file("fold_0/\(file.rawValue)").path)
            #expect(own != nil && own == plain, "\(file.rawValue)")
        }
    }

    @Test func ofEqualOnesTheFirstIsChosen() throws {
        // An option that changes nothing where a bag is smaller than it draws.
        var twin = try candidate(2)
        twin.config.training.patchesPerStep = 1000
        twin.fingerprint = "another"
        let (_, search) = try run(request([try candidate(1), twin]))
        #expect(search.candidates[0].value == search.candidates[1].value && search.chosen == 1)
    }

    @Test func whatTheTestPartKnowsLeavesTheChoiceAlone() throws {
        let candidates = [try candidate(1, rate: 5e-4), try candidate(2), try candidate(3, Problem.acmil)]
        let (_, search) = try run(request(candidates))
        let weights = FileManager.default.contents(atPath: scratch.file("fold_0/checkpoint.safetensors").path)
        let other = try Scratch()
        var turned = request(candidates, in: other.folder)
        let tested = Set(turned.split.test)
        for place in turned.cohort.slides.indices where tested.contains(turned.cohort.slides[place].slide) {
            let label = turned.cohort.slides[place].target.label ?? 0
            turned.cohort.slides[place].target = .class(1 - label)
        }
        let (answer, again) = try run(turned)
        #expect(again == search)
        #expect(FileManager.default.contents(atPath: other.file("fold_0/checkpoint.safetensors").path) == weights)
        #expect((answer.figures["test_auc"] ?? 1) < 0.5, "the test part was turned round")
    }

    @Test func otherCandidatesAreTrainedAloneBesideThoseOnRecord() throws {
        let (slow, fast, new) = (try candidate(1, rate: 1e-9), try candidate(2), try candidate(3, rate: 1e-3))
        let folder = scratch.file("fold_0")
        try run(request([slow, fast]))
        let before = try (identity(record(slow, folder)), identity(record(fast, folder)))
        // Another one, and another order.
        let (_, search) = try run(request([new, slow, fast]))
        #expect(try (identity(record(slow, folder)), identity(record(fast, folder))) == before)
        let other = try Scratch()
        let (_, fresh) = try run(request([new, slow, fast], in: other.folder))
        #expect(search == fresh)
        #expect(Scratch.tree(folder) == Scratch.tree(other.file("fold_0")))
        // Without the best one the next is trained again, whose weights were not kept.
        let (_, rest) = try run(request([new, slow]))
        #expect(rest.chosen == 3 && rest.candidates.count == 2)
        let last = try Scratch()
        try run(request([new, slow], in: last.folder))
        #expect(Scratch.tree(folder) == Scratch.tree(last.file("fold_0")))
        // And without a search nothing of it stays.
        _ = try FoldTraining(problem.request(0, in: scratch.folder), bags: problem.bags).run { _ in }
        #expect(!Scratch.tree(folder).keys.contains { $0.hasPrefix("search/") })
        #expect(try Checkpoint(folder: folder).card.search == nil)
    }

    @Test(arguments: ["damaged", "of another candidate", "gone"])
    func aRecordThatIsNotTheCandidatesIsNotBelieved(how: String) throws {
        let candidates = [try candidate(1, rate: 1e-3), try candidate(2)]
        let folder = scratch.file("fold_0")
        try run(request(candidates))
        let whole = Scratch.tree(folder)
        let file = record(candidates[0], folder)
        switch how {
        case "damaged":
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("\"epoch\" : 0", with: "\"epoch\" : 7", maxReplacements: 1).utf8).write(to: file)
        case "of another candidate":
            try FileManager.default.removeItem(at: file)
            try FileManager.default.copyItem(at: record(candidates[1], folder), to: file)
        default: try FileManager.default.removeItem(at: file)
        }
        try run(request(candidates))
        #expect(Scratch.tree(folder) == whole)
    }

    @Test func aCandidateThatDivergesLosesAndIsNamed() throws {
        let candidates = [try candidate(1, rate: 1e30), try candidate(2)]
        let (_, search) = try run(request(candidates))
        #expect(search.chosen == 2)
        #expect(search.candidates[0].failure != nil && search.candidates[0].value == nil)
        let other = try Scratch()
        let hopeless = request([try candidate(1, rate: 1e30), try candidate(2, rate: 1e29)], in: other.folder)
        let error = #expect(throws: MILError.self) { try run(hopeless) }
        #expect(error?.message.hasPrefix("none of the 2 candidates of the search can be chosen") == true)
    }

    @Test func aChosenMHIMBringsItsHost() throws {
        // The other one diverges.
        var (mhim, other) = (try candidate(1, SearchProblem.mhim), try candidate(2, rate: 1e30))
        (mhim.config.training.epochs, other.config.training.epochs) = (2, 2)
        let hosts = ["host.safetensors", "host_history.csv"]
        let (answer, search) = try run(request([mhim, other]))
        try #require(search.chosen == 1)
        let names = Set(answer.outputs.map { URL(filePath: $0).lastPathComponent })
        #expect(names.isSuperset(of: hosts))
        let tree = Scratch.tree(scratch.file("fold_0"))
        #expect(Set(tree.keys).isSuperset(of: hosts) && !tree.keys.contains { $0.hasSuffix("/host.safetensors") })
        try run(request([mhim, other]))
        #expect(Scratch.tree(scratch.file("fold_0")) == tree)
        try run(request([other, try candidate(3)]))
        #expect(Set(Scratch.tree(scratch.file("fold_0")).keys).isDisjoint(with: hosts))
    }

    @Test func eachCandidateIsPlannedInItsTurnAndItsOwnKeysWin() throws {
        func planned(_ number: Int, rate: Double?) throws -> FoldSearch.Candidate {
            var candidate = try candidate(number)
            (candidate.config.training.plan, candidate.config.training.learningRate) = (.auto, rate)
            candidate.fingerprint = "planned \(number)"
            return candidate
        }
        let (_, search) = try run(request([try planned(1, rate: 1e-9), try planned(2, rate: nil)]))
        #expect(search.chosen == 2)
        let card = try Checkpoint(folder: scratch.file("fold_0")).card
        let lines = Dictionary(uniqueKeysWithValues: (card.plan?.lines ?? []).map { ($0.key, $0) })
        #expect(lines["learning_rate"]?.isGiven == false && lines["epochs"]?.isGiven == true)
        let first = try CanonicalJSON.read(
            CandidateRecord.self,
            from: record(try planned(1, rate: 1e-9), scratch.file("fold_0"))
        )
        #expect(first.recipe.learningRate == 1e-9 && first.recipe.weightAverage == card.recipe.weightAverage)
    }

    @Test func aSearchWithoutAValidationPartOrOnTheTestPartIsRefused() throws {
        let candidates = [try candidate(1), try candidate(2, rate: 1e-3)]
        var bare = request(candidates)
        (bare.split.train, bare.split.validation) = (bare.split.train + bare.split.validation, [])
        #expect(throws: MILError.self) { try run(bare) }
        var loose = request(candidates)
        loose.evaluation.protocol = .paper
        #expect(throws: ConfigError.self) { try run(loose) }
    }
}
