import Foundation
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL
@testable import Messages

/// Bags that count how often each is read.
private final class CountedBags: BagSource {
    private let bags: MemoryBags
    private let counts = Mutex<[SlideID: Int]>([:])

    init(_ bags: MemoryBags) { self.bags = bags }

    func bag(_ slide: SlideID) throws -> Bag {
        counts.withLock { $0[slide, default: 0] += 1 }
        return try bags.bag(slide)
    }

    func count(_ slide: SlideID) -> Int { counts.withLock { $0[slide] ?? 0 } }
}

/// What a search does that goes on, is made once more, or has nothing to compare by.
@Suite struct SearchRepeatTests: ComparingCandidates {
    let fixture: SearchProblem

    init() throws { fixture = try SearchProblem() }

    /// The file to go on from is written once a second, so that the search is held up before it is cut.
    @Test(arguments: [1, 2, 3])
    func aKilledSearchGoesOnAndEndsWithTheSameBytes(in number: Int) throws {
        let candidates = [try candidate(1, rate: 5e-4), try candidate(2), try candidate(3, rate: 1e-9)]
        let (whole, cut) = (request(candidates), try Scratch())
        let copy = cut.file("fold_0")
        var last: TrainProgress?
        try run(whole) { said in
            last = said
            guard said.candidate == number else { return }
            let epoch = said.done - 15 * (number - 1)
            if epoch == 4 { usleep(1_200_000) }
            if epoch == 6 { try? FileManager.default.copyItem(at: URL(filePath: whole.output), to: copy) }
        }
        #expect(last == TrainProgress(done: 45, total: 45), "fifteen epochs of each")
        let place = FoldFolder(copy).candidate(candidates[number - 1].fingerprint)
        let resume = place.url.appending(path: TrainRequest.resumeFiles[0])
        try #require(FileManager.default.fileExists(atPath: resume.path))
        var trained: [Int] = []
        try run(request(candidates, in: cut.folder)) { said in
            if let candidate = said.candidate, !trained.contains(candidate) { trained.append(candidate) }
            last = said
        }
        #expect(trained == Array(number...3), "those before are on record")
        #expect(last == TrainProgress(done: 45, total: 45))
        #expect(Scratch.tree(copy) == Scratch.tree(URL(filePath: whole.output)))
    }

    /// Between comparing, taking the host, publishing and clearing up.
    @Test func aSearchThatIsKilledAfterItsTrainingsEndsWithTheSameBytes() throws {
        var (mhim, other) = (try candidate(1, SearchProblem.mhim), try candidate(2, rate: 1e30))
        (mhim.config.training.epochs, other.config.training.epochs) = (2, 2)
        let request = self.request([mhim, other])
        try run(request)
        let whole = Scratch.tree(scratch.file("fold_0"))
        for step in 0..<3 {
            let cut = try Scratch()
            let again = self.request([mhim, other], in: cut.folder)
            let training = try FoldTraining(again, bags: problem.bags)
            let comparison = try training.comparison(of: try #require(again.search))
            if step == 0 {
                _ = try comparison.comparison.run { _ in }
            } else {
                let trained = try training.trained(comparison) { _ in }
                if step == 2 { _ = try training.publish(trained) }
            }
            #expect(Scratch.tree(cut.file("fold_0")) != whole, "\(step)")
            var trained = false
            try run(again) { trained = trained || $0.candidate != nil }
            #expect(!trained && Scratch.tree(cut.file("fold_0")) == whole, "\(step)")
        }
    }

    @Test func aSearchThatIsMadeOnceMoreBelievesNoRecord() throws {
        let candidates = [try candidate(1, rate: 1e-3), try candidate(2)]
        var request = self.request(candidates)
        try run(request)
        let whole = Scratch.tree(scratch.file("fold_0"))
        func trained(_ request: TrainRequest) throws -> Set<Int> {
            var trained: Set<Int> = []
            try run(request) { if let candidate = $0.candidate { trained.insert(candidate) } }
            return trained
        }
        #expect(try trained(request).isEmpty)
        request.search?.isAnew = true
        #expect(try trained(request) == [1, 2])
        #expect(Scratch.tree(scratch.file("fold_0")) == whole)
        // Another version of wsi may have other figures.
        request.search?.isAnew = false
        request.provenance["wsi_version"] = "another"
        #expect(try trained(request) == [1, 2])
    }

    @Test func theBestOnRecordIsTrainedOnceMoreAndCounted() throws {
        let (best, slow, new) = (try candidate(1), try candidate(2, rate: 1e-3), try candidate(3, rate: 1e-9))
        try run(request([best, slow]))
        // Without the best one the next has no weights.
        var said: [TrainProgress] = []
        let (_, search) = try run(request([slow, new])) { said.append($0) }
        #expect(search.chosen == 2 && said.last == TrainProgress(done: 45, total: 45))
        #expect(said.count { $0.candidate == 1 } == 15 && said.allSatisfy { $0.total == 45 })
        #expect(zip(said, said.dropFirst()).allSatisfy { $0.done <= $1.done })
    }

    /// Each bag is surveyed once, read once more for all candidates that want it alike, and once when it is told what the part looks like.
    @Test func candidatesShareTheirBags() throws {
        let bags = CountedBags(problem.bags)
        let candidates = try (1...3).map { try candidate($0, rate: 1e-3 / Double($0)) }
        let request = self.request(candidates)
        _ = try FoldTraining(request, bags: bags).run { _ in }
        for slide in request.split.train { #expect(bags.count(slide) == 3, "\(slide)") }
    }

    @Test(arguments: [Recipe.Selection.auc, .loss])
    func aValidationPartThatTellsNoCandidatesApartStopsTheFold(measure: Recipe.Selection) throws {
        var request = self.request([try candidate(1), try candidate(2, rate: 1e-3)], measure)
        let labels = Dictionary(uniqueKeysWithValues: request.cohort.slides.map { ($0.slide, $0.target) })
        let positive = request.split.validation.filter { labels[$0] == .class(1) }
        request.split.validation.removeAll { positive.contains($0) }
        request.split.train = (request.split.train + positive).sorted()
        if measure == .loss {
            #expect(try run(request).search.chosen > 0, "the loss needs no second class")
        } else {
            let error = #expect(throws: MILError.self) { try run(request) }
            let words = "has features, so no candidates can be compared by auc"
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test func aFigureThatIsNotDefinedComparesNothing() throws {
        var epoch = EpochRecord(epoch: 0, learningRate: 1, terms: [], validationLoss: 0.5)
        epoch.validationMacroF1 = 0.5
        #expect(epoch.measured(by: .auc) == nil && epoch.measured(by: .f1AUC) == nil)
        #expect(epoch.measured(by: .loss) == -0.5)
        #expect(epoch.value(of: .auc) == 0 && epoch.value(of: .f1AUC) == 0.5, "a training counts it 0")
        let request = self.request([try candidate(1)])
        let own = request.choosing(try #require(request.search?.candidates[0]))
        var record = CandidateRecord(FoldVariant(own, plannedBy: nil), width: 8)
        (record.history, record.epoch) = ([epoch], 0)
        #expect(record.score(by: .auc) == nil && record.score(by: .loss) == -0.5)
    }
}
