import Files
import Foundation
import Records
import Storage

extension VerifiedJob {
    /// Every `study.json`: its seal, what it says of the files of its folds, and the splits that were written out of it.
    mutating func readTrainings() {
        let folder = prefix + JobLayout.Folder.training.rawValue
        for path in entries.paths(below: folder, ending: "/\(TrainedStudy.file)") {
            let place = path.dropFirst(folder.count + 1).dropLast(TrainedStudy.file.count + 1)
            let name = TrainingName(text: String(place))
            // Deeper ones are none of this program's.
            guard !name.study.contains("/") else { continue }
            records.insert(path)
            readTraining(name, path)
        }
        dropMetricsOfGoneTrainings()
        missStudies()
    }

    private mutating func readTraining(_ name: TrainingName, _ path: String) {
        let stage = StageName.train(name.study)
        let again = remedy(stage)
        guard entries.kinds[path] != .link else {
            findings.append(VerifyFinding(.refused, .unsafeID, path, stage: stage.text, "is a link; a copy is wanted"))
            return
        }
        let study: TrainedStudy
        do {
            guard let read = try TrainedStudy.load(layout.training(name)) else { return }
            study = read
        } catch let error as any ReportableError where error.code == .config {
            // Its seal is whole.
            notes.append("\(path) is of another version (\(error.message)); nothing was compared with it")
            return
        } catch {
            var finding = VerifyFinding(error, reading: path, stage: stage.text, remedy: again)
            // The reader's own message begins with the file and ends with what to do.
            if let end = finding.message.range(of: "; run ") {
                let text = String(finding.message[..<end.lowerBound])
                finding.message = text.replacing("\(TrainedStudy.file) ", with: "", maxReplacements: 1)
                finding.remedy = "\(again), or copy the training again"
            }
            if finding.code == .file { finding.code = .digest }
            findings.append(finding)
            return
        }
        if study.files == nil {
            notes.append("\(path) is of an earlier version: it has no seal, and tells nothing of the folds' files")
        } else if study.seal == nil {
            // No version wrote one without the other.
            let text = "has lost its seal"
            findings.append(VerifyFinding(.damaged, .digest, path, stage: stage.text, text, remedy: again))
        }
        let anew = compareFolds(of: study, name, path, again)
        for (file, digest) in study.files ?? [:] where !anew.contains(where: { file.hasPrefix("\($0)/") }) {
            claim(name, file, digest, by: path, stage, unit: String(file.prefix { $0 != "/" }), again)
        }
        for split in study.splits {
            let digest = Digest.sha256(Data(split.clamTable.utf8))
            let fold = FoldName.text(split.fold)
            claim(name, TrainingFolder.splitPath(split.fold), digest, by: path, stage, unit: fold, again)
        }
    }

    private mutating func claim(
        _ name: TrainingName,
        _ file: String,
        _ digest: String,
        by record: String,
        _ stage: StageName,
        unit: String,
        _ again: String
    ) {
        claims.append(
            VerifyClaim(
                path: prefix + JobLayout.trainingPath(name) + file,
                digest: digest,
                stage: stage,
                unit: unit,
                record: record,
                remedy: again
            )
        )
    }

    /// Whether the checkpoints are those of the study and of the outcomes.
    /// - Returns: the folds that are not the study's, `fold_K`.
    private mutating func compareFolds(
        of study: TrainedStudy,
        _ name: TrainingName,
        _ record: String,
        _ again: String
    ) -> Set<String> {
        let stage = StageName.train(name.study)
        var anew: Set<String> = []
        var finish: String?
        if study.checkpoints.count != study.splits.count {
            let text = "tells of \(study.splits.count) splits and \(study.checkpoints.count) checkpoints"
            findings.append(VerifyFinding(.contradictory, .mismatch, record, stage: stage.text, text, remedy: again))
        }
        for (split, wanted) in zip(study.splits, study.checkpoints) {
            let unit = UnitID.fold(split.fold, seed: name.seed)
            let outcome = outcomes[stage]?[unit]
            let card = JobLayout.trainingPath(name) + FoldFolder.path(split.fold, .card)
            guard case .file = entries.kinds[prefix + card] else { continue }
            let mark = Result {
                try CanonicalJSON.read(TrainedStudy.CheckpointMark.self, from: layout.root.appending(path: card))
            }
            func contradict(_ path: String, _ text: String, remedy: String) {
                let (stage, unit) = (stage.text, unit.text)
                findings.append(
                    VerifyFinding(.contradictory, .mismatch, path, stage: stage, unit: unit, text, remedy: remedy)
                )
            }
            switch mark {
            case .failure(let error):
                let isOnRecord = study.files?[FoldFolder.path(split.fold, .card)] != nil || outcome != nil
                guard !isOnRecord else { continue }
                records.insert(prefix + card)
                findings.append(
                    VerifyFinding(error, reading: prefix + card, stage: stage.text, unit: unit.text, remedy: again)
                )
            case .success(let mark) where mark.fingerprint != wanted:
                anew.insert(FoldName.text(split.fold))
                let known = finish ?? "run \(TrainedStudy.command(finishing: layout.training(name)))"
                finish = known
                contradict(prefix + card, "is not the checkpoint that \(record) tells of", remedy: known)
            case .success(let mark):
                guard let outcome, let made = try? CanonicalJSON.fingerprint(outcome.fingerprint) else { continue }
                guard made != mark.fingerprint else { continue }
                contradict(
                    prefix + JobLayout.outcomePath(stage: stage, unit),
                    "tells of another training than the checkpoint does",
                    remedy: again
                )
            }
        }
        return anew
    }

    /// Metrics of seeds that the training has no more: their files went with them, and nothing is to be made again.
    private mutating func dropMetricsOfGoneTrainings() {
        for stage in outcomes.keys where stage.kind?.unit == .training {
            let folder = prefix + JobLayout.trainingPath(stage.training)
            let isThere = entries.kinds.keys.contains { $0.hasPrefix(folder) }
            guard !isThere, !claims.contains(where: { $0.stage != stage && $0.path.hasPrefix(folder) }) else {
                continue
            }
            for record in Set(claims.filter { $0.stage == stage }.map(\.record)) {
                records.remove(record)
                orphans[record] = "of a training that is no more"
            }
            claims.removeAll { $0.stage == stage }
        }
    }

    /// Metrics come after the study that they were made with.
    private mutating func missStudies() {
        for stage in Set(claims.map(\.stage).filter { $0.kind == .evaluate }) {
            let path = prefix + JobLayout.trainingPath(stage.training) + TrainedStudy.file
            guard entries.kinds[path] == nil else { continue }
            records.insert(path)
            findings.append(VerifyFinding(.missing, .digest, path, stage: stage.text, "is gone", remedy: remedy(stage)))
        }
    }

    /// What `checkpoint.json` says of the weights beside it; of a card that is not as it was written, nothing is believed.
    /// - Parameter files: by path, after they were compared with their claims.
    func compareWeights(_ files: [String: VerifiedFile]) throws -> [VerifyFinding] {
        let cards = files.values.filter { file in
            file.isAsRecorded && file.path.hasPrefix("\(prefix)\(JobLayout.Folder.training.rawValue)/")
                && FoldFolder.isPath(file.path, of: .card)
        }
        .map(\.path)
        return try cards.sorted().concurrentMap(atOnce: 1) { [layout, prefix] card in
            let path = "\(card.dropLast("json".count))safetensors"
            guard let file = files[path], file.isAsRecorded else { return nil }
            let place = layout.root.appending(path: String(card.dropFirst(prefix.count)))
            let fold = place.deletingLastPathComponent()
            do {
                guard let wanted = try CanonicalJSON.read(TrainedStudy.CheckpointMark.self, from: place).weights else {
                    return nil
                }
                let isHashedWhole = file.bytes <= Digest.wholeUpTo
                let weights = FoldFolder(fold).file(.weights)
                guard try wanted != (isHashedWhole ? file.digest : Digest.sha256(fileAt: weights)) else { return nil }
            } catch { return VerifyFinding(error, reading: path) }
            let name = TrainingFolder(at: fold.deletingLastPathComponent()).name
            let command = layout.command(of: .train(name.text))
            let text = "are not the weights that \(card) tells of"
            return VerifyFinding(.contradictory, .mismatch, path, text, remedy: "run \(command) --redo")
        }
        .compactMap(\.self)
    }
}
