import Config
import Evaluation
import Files
import Foundation
import Messages
import Records
import Storage

/// Trains the candidates of a fold one after another, and says which is the best on the validation part.
///
/// A candidate that ended is on record in its folder, and the weights of the best one so far stay beside its record, so that a killed
/// search goes on where it was, and one with other candidates trains the new ones alone.
struct FoldComparison {
    let search: FoldSearch
    /// Of the candidates, in their order; without a test part.
    let variants: [FoldVariant]
    let folder: FoldFolder
    /// Of the features.
    let width: Int
    let prepared: (FoldVariant) throws -> PreparedFold

    struct Chosen {
        var place: Int
        var candidate: FoldSearch.Candidate
        var result: TrainingLoop.Trained
        var compared: ComparedCandidates
    }

    /// A candidate that has ended.
    private struct Ended {
        var record: CandidateRecord
        /// nil where it was on record, or could not be trained.
        var parameters: [String: StoredTensor]?
        var isNew = true
    }

    /// The best one of those that have ended.
    private struct Leader {
        var index: Int
        var score: Double

        /// - Returns: the better one, of equal ones the first, and the other one, where there are two.
        static func compared(_ leader: Leader?, _ next: Leader?) -> (best: Leader?, beaten: Leader?) {
            guard let leader, let next else { return (leader ?? next, nil) }
            return next.score > leader.score ? (next, leader) : (leader, next)
        }

        static func best(of scores: [Double?]) -> Leader? {
            scores.enumerated().reduce(nil as Leader?) { leader, next in
                compared(leader, next.element.map { Leader(index: next.offset, score: $0) }).best
            }
        }
    }

    private func place(_ index: Int) -> CandidateFolder { folder.candidate(search.candidates[index].fingerprint) }

    /// - Throws: `MILError.untrainable` where no candidate has a value; what stops a training for other reasons than its config.
    func run(progress: (TrainProgress) -> Void) throws -> Chosen {
        let known = try variants.indices.map(onRecord)
        var meter = SearchMeter(epochs: variants.map { $0.epochs(featureWidth: width) })
        // The best one on record may well be chosen, and is trained once more where its weights were not kept.
        let former = Leader.best(of: known.map { $0?.score(by: search.measure) })?.index
        if let former, let record = known[former], try stored(record, former) == nil { meter.expect(again: former) }
        var records: [CandidateRecord] = []
        var leader: Leader?
        for index in variants.indices {
            let ended =
                try known[index].map { Ended(record: $0, isNew: false) }
                ?? train(index) { progress(meter.word($0, of: index)) }
            records.append(ended.record)
            let own = ended.record.score(by: search.measure).map { Leader(index: index, score: $0) }
            let (best, beaten) = Leader.compared(leader, own)
            if ended.isNew { try keep(ended, index, leads: best?.index == index) }
            if let beaten { try CandidateFiles.removeWeights(place(beaten.index)) }
            if own == nil { try CandidateFiles.removeWeights(place(index)) }
            leader = best
            progress(meter.word(after: index))
        }
        let chosen = try chosen(among: records, &meter, progress)
        progress(meter.whole)
        return chosen
    }

    /// The best one with its parameters. One whose record was taken over from a search that it had not won is trained once more, and
    /// judged by what it is then.
    private func chosen(
        among ended: [CandidateRecord],
        _ meter: inout SearchMeter,
        _ progress: (TrainProgress) -> Void
    ) throws -> Chosen {
        var (records, again) = (ended, Set<Int>())
        while let best = Leader.best(of: records.map { $0.score(by: search.measure) })?.index {
            if let parameters = try stored(records[best], best) {
                return Chosen(
                    place: best,
                    candidate: search.candidates[best],
                    result: records[best].result(with: parameters),
                    compared: compared(records, chosen: best)
                )
            }
            guard again.insert(best).inserted else {
                throw MILError.checkpoint(
                    path: place(best).file(.weights).path,
                    reason: "the weights of the chosen candidate are not what was just written"
                )
            }
            meter.expect(again: best)
            let anew = try train(best) { progress(meter.word($0, again: best)) }
            try keep(anew, best, leads: true)
            records[best] = anew.record
        }
        throw noneTrained(records)
    }

    private func onRecord(_ index: Int) throws -> CandidateRecord? {
        if search.isAnew { return nil }
        return try CandidateRecord.read(place(index).file(.record), of: variants[index], width: width)
    }

    /// - Returns: no parameters where its config cannot be trained on this fold, as another one may well be.
    private func train(_ index: Int, _ tell: (Int) -> Void) throws -> Ended {
        try AtomicFile.createFolder(place(index).url)
        var record = CandidateRecord(variants[index], width: width)
        do {
            let result = try prepared(variants[index]).training.run { tell($0.done) }.result
            (record.history, record.epoch) = (result.history, result.epoch)
            record.weights = Digest.sha256(try SafeTensors(tensors: result.parameters).data())
            return Ended(record: record, parameters: result.parameters)
        } catch let error as MILError where error.isOfConfig {
            record.failure = [error.subject, error.message].compactMap(\.self).joined(separator: ": ")
            return Ended(record: record)
        }
    }

    /// Weights come before the record: a candidate that is on record as the best one has them.
    private func keep(_ ended: Ended, _ index: Int, leads: Bool) throws {
        if leads, let own = ended.parameters {
            try SafeTensors(tensors: own).write(to: place(index).file(.weights))
        }
        try ended.record.write(to: place(index).file(.record))
        for name in TrainRequest.resumeFiles { try Leftovers.remove(place(index).url.appending(path: name)) }
    }

    /// The parameters of a candidate that was trained before: as the search has kept them, or as those of the fold that it was.
    /// - Returns: nil where they are gone, or are not those that are on record.
    private func stored(_ record: CandidateRecord, _ index: Int) throws -> [String: StoredTensor]? {
        guard try hasHost(index) else { return nil }
        for file in [place(index).file(.weights), folder.file(.weights)] {
            guard var tensors = (try? SafeTensors.ifThere(file))?.tensors else { continue }
            for name in Checkpoint.beside { tensors[name] = nil }
            if try Digest.sha256(SafeTensors(tensors: tensors).data()) == record.weights { return tensors }
        }
        return nil
    }

    /// Whether the plain host is there that the candidate began with, or it has none.
    private func hasHost(_ index: Int) throws -> Bool {
        guard variants[index].host != nil else { return true }
        return try host(index) != nil
    }

    private func host(_ index: Int) throws -> [(name: String, data: Data)]? {
        let fingerprint = search.candidates[index].fingerprint
        return try CandidateFiles.host(in: place(index).url, fingerprint)
            ?? CandidateFiles.host(in: folder.url, fingerprint)
    }

    /// Gives the fold the plain host that its model began with, or takes that of another one away.
    /// - Returns: its files in the fold's folder.
    func takeHost(of chosen: Chosen) throws -> [URL] {
        guard variants[chosen.place].host != nil, let host = try host(chosen.place) else {
            for name in ModelTraining.hostFiles { try Leftovers.remove(folder.url.appending(path: name)) }
            return []
        }
        return try host.map { name, data in
            let file = folder.url.appending(path: name)
            try AtomicFile.write(data, to: file)
            return file
        }
    }

    /// Leaves the records alone.
    /// - Returns: them.
    func end() throws -> [URL] {
        let places = variants.indices.map(place)
        for place in places { try CandidateFiles.removeWeights(place) }
        try CandidateFiles.removeStrangers(of: folder, keeping: places)
        return places.map { $0.file(.record) }
    }

    private func compared(_ records: [CandidateRecord], chosen: Int) -> ComparedCandidates {
        let candidates = zip(search.candidates, records).map { candidate, record in
            ComparedCandidates.Candidate(
                number: candidate.config.number,
                settings: candidate.config.settings,
                epoch: record.epoch,
                value: record.score(by: search.measure).map { search.measure == .loss ? -$0 : $0 },
                failure: record.failure,
                fingerprint: candidate.fingerprint
            )
        }
        return ComparedCandidates(
            measure: search.measure,
            candidates: candidates,
            chosen: search.candidates[chosen].config.number
        )
    }

    private func noneTrained(_ records: [CandidateRecord]) -> MILError {
        let first = records.lazy.compactMap(\.failure).first ?? "the measure is not defined on the validation part"
        return .untrainable(reason: "none of the \(records.count) candidates of the search can be chosen: \(first)")
    }
}

extension MILError {
    /// Whether another learning rate or model may well not have it; all else stops a search.
    fileprivate var isOfConfig: Bool {
        switch self {
        case .diverged, .overflow, .untrainable: true
        case .checkpoint, .weightsDigest, .unusable: false
        }
    }
}
