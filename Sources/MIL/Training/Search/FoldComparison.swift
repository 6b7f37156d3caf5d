import Config
import Evaluation
import Files
import Foundation
import Messages
import Records
import Storage
import Torch

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

    init(
        search: FoldSearch,
        variants: [FoldVariant],
        folder: FoldFolder,
        width: Int,
        prepared: @escaping (FoldVariant) throws -> PreparedFold
    ) {
        (self.search, self.variants, self.folder) = (search, variants, folder)
        (self.width, self.prepared) = (width, prepared)
    }

    struct Chosen {
        var place: Int
        var candidate: FoldSearch.Candidate
        var result: TrainingLoop.Trained
        var compared: ComparedCandidates
    }

    private func place(_ index: Int) -> CandidateFolder { folder.candidate(search.candidates[index].fingerprint) }

    /// - Throws: `MILError.untrainable` where no candidate has a value; what stops a training for other reasons than its config.
    func run(progress: (TrainProgress) -> Void) throws -> Chosen {
        let totals = variants.map { $0.recipe(featureWidth: width).epochs * ($0.host == nil ? 1 : 2) }
        let total = totals.reduce(0, +)
        var records: [CandidateRecord] = []
        var best: (index: Int, score: Double)?
        var parameters: [String: StoredTensor]?
        for index in variants.indices {
            let before = totals[..<index].reduce(0, +)
            func tell(_ epochs: Int) { progress(TrainProgress(done: before + epochs, total: total)) }
            var trained: (record: CandidateRecord, parameters: [String: StoredTensor]?)
            if let known = try CandidateRecord.read(place(index).file(.record), of: variants[index], width: width) {
                trained = (known, nil)
                for epoch in known.history.indices { tell(epoch + 1) }
            } else {
                trained = try train(index, tell)
            }
            let score = trained.record.score(by: search.measure)
            let leads = score.map { $0 > best?.score ?? -.infinity } ?? false
            if let own = trained.parameters { try keep(own, trained.record, index, leads: leads) }
            records.append(trained.record)
            if leads, let score {
                if let best { try CandidateFiles.removeWeights(place(best.index)) }
                (best, parameters) = ((index, score), trained.parameters)
            } else {
                try CandidateFiles.removeWeights(place(index))
            }
        }
        guard let best else { throw noneTrained(records) }
        if try parameters == nil || !hasHost(best.index) { parameters = try stored(records[best.index], best.index) }
        if parameters == nil {
            // Its record was taken over from a search that it had not won.
            let again = try train(best.index) { _ in }
            guard let own = again.parameters else { throw noneTrained([again.record]) }
            try keep(own, again.record, best.index, leads: true)
            (records[best.index], parameters) = (again.record, own)
        }
        return Chosen(
            place: best.index,
            candidate: search.candidates[best.index],
            result: records[best.index].result(with: parameters ?? [:]),
            compared: compared(records, chosen: best.index)
        )
    }

    /// - Returns: no parameters where its config lets it diverge.
    private func train(
        _ index: Int,
        _ tell: (Int) -> Void
    ) throws -> (record: CandidateRecord, parameters: [String: StoredTensor]?) {
        let fold = try prepared(variants[index])
        if search.measure == .loss, !fold.readout.hasLoss(of: fold.training.validation) {
            let lacking = variants[index].request.lack(of: fold.training.validation)
            throw MILError.untrainable(
                reason: "no validation slide has \(lacking), so no candidates can be compared by it; give one"
            )
        }
        try AtomicFile.createFolder(place(index).url)
        var record = CandidateRecord(variants[index], width: width)
        let result: TrainingLoop.Trained
        do { result = try fold.training.run { tell($0.done) }.result } catch let error as MILError {
            switch error {
            // What another learning rate or model may well not do.
            case .diverged, .overflow, .untrainable:
                record.failure = [error.subject, error.message].compactMap(\.self).joined(separator: ": ")
            case .checkpoint, .weightsDigest, .unusable: throw error
            }
            try record.write(to: place(index).file(.record))
            try fold.training.removeResumePoints()
            return (record, nil)
        }
        guard result.history.allSatisfy(\.isFinite) else {
            record.failure = "the loss of the validation part was not a finite number"
            try record.write(to: place(index).file(.record))
            try fold.training.removeResumePoints()
            return (record, nil)
        }
        (record.history, record.epoch) = (result.history, result.epoch)
        record.weights = Digest.sha256(try SafeTensors(tensors: result.parameters).data())
        return (record, result.parameters)
    }

    /// Weights come before the record: a candidate that is on record as the best one has them.
    private func keep(
        _ parameters: [String: StoredTensor],
        _ record: CandidateRecord,
        _ index: Int,
        leads: Bool
    ) throws {
        if leads { try SafeTensors(tensors: parameters).write(to: place(index).file(.weights)) }
        try record.write(to: place(index).file(.record))
        for name in TrainRequest.resumeFiles { try CandidateFiles.remove(place(index).url.appending(path: name)) }
    }

    /// The parameters of a candidate that was trained before: as the search has kept them, or as those of the fold that it was.
    /// - Returns: nil where they are gone, or are not those that are on record.
    private func stored(_ record: CandidateRecord, _ index: Int) throws -> [String: StoredTensor]? {
        guard try hasHost(index) else { return nil }
        for file in [place(index).file(.weights), folder.file(.weights)] {
            guard try RegularFile.exists(file), var tensors = try? SafeTensors(contentsOf: file).tensors else {
                continue
            }
            for name in [Standardiser.meanName, Standardiser.deviationName] { tensors[name] = nil }
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
            for name in [ModelTraining.hostName, ModelTraining.hostHistoryName] {
                try CandidateFiles.remove(folder.url.appending(path: name))
            }
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
