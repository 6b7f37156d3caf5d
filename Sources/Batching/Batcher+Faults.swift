import Records

/// What becomes of batches that were not computed.
extension Batcher {
    func fail(_ piece: BatchQueue.Piece, _ error: any Error, _ state: inout State) {
        guard let network = state.slides[piece.slide]?.network else { return }
        state.slides[piece.slide]?.fail(error)
        state.queues[network].drop(piece.slide)
        state.trials.drop(piece.slide)
    }

    /// Computes each piece by itself, so that the fault of one slide costs no other.
    func blame(_ work: Work, on device: Int, _ error: any Error) {
        if case BatchFault.unclear(let failure) = error {
            // A device that does not compute a batch without a patch either is at fault, and no slide is.
            var empty = work
            (empty.pieces, empty.pixels) = ([], [])
            do { _ = try compute(empty, on: device) } catch BatchFault.memory(let failure) {
                return halve(work, on: device, failure)
            } catch { return lose(device, work, failure) }
        }
        for (piece, pixels) in zip(work.pieces, work.pixels) {
            var alone = work
            (alone.pieces, alone.pixels) = ([piece], [pixels])
            // What one that is lost says of patches means nothing.
            guard state.change({ $0.batches[device] > 0 }) else {
                state.change { putBack(alone, &$0) }
                continue
            }
            do {
                guard work.pieces.count > 1 else { throw error }
                deliver(alone, try compute(alone, on: device))
            } catch BatchFault.memory(let failure) {
                halve(alone, on: device, failure)
            } catch BatchFault.device(let failure) {
                lose(device, alone, failure)
            } catch {
                state.change { fail(piece, error, &$0) }
            }
        }
    }

    /// Goes on with batches of half the size, down to one patch.
    func halve(_ work: Work, on device: Int, _ failure: Failure) {
        let name = devices[device].name
        let smaller: Int? = state.change { state in
            guard work.batch > 1 else {
                for piece in work.pieces { fail(piece, failure, &state) }
                return nil
            }
            putBack(work, &state)
            // Another lane may have halved it already.
            guard state.batches[device] >= work.batch else { return nil }
            state.batches[device] = work.batch / 2
            return work.batch / 2
        }
        guard let smaller else { return }
        news(.note("\(name) has too little memory for \(work.batch) patches at a time; it goes on with \(smaller)"))
    }

    /// The other devices take its batches; what has cost one before takes no third, and fails with its slide.
    func lose(_ device: Int, _ work: Work, _ failure: Failure) {
        let name = devices[device].name
        let isToBeTold = state.change { state in
            let isNew = state.batches[device] > 0
            state.batches[device] = 0
            state.loss = failure
            // Said before any slide hears of it: none of them is to blame.
            if isNew, !state.hasDevice { news(.ended(failure)) }
            guard state.hasDevice else { return false }
            if let cost = work.cost {
                for piece in work.pieces { fail(piece, Failure(ofPatches: piece.rows, [cost, name], failure), &state) }
            } else {
                state.trials.add(wanted(work, state), network: work.network, cost: name)
            }
            return isNew
        }
        guard isToBeTold else { return }
        let patches =
            work.cost.map { "with patches that cost \($0) before: their slide fails, and goes to no third device" }
            ?? "and its patches go to the other devices"
        news(.note("\(name) is lost, \(patches): \(failure.message)"))
    }

    private func putBack(_ work: Work, _ state: inout State) {
        let pieces = wanted(work, state)
        guard let cost = work.cost else { return state.queues[work.network].putBack(pieces) }
        for piece in pieces { state.trials.putBack(.init(network: work.network, piece: piece, cost: cost)) }
    }

    /// Those of slides that nobody has given up.
    private func wanted(_ work: Work, _ state: State) -> [BatchQueue.Piece] {
        work.pieces.filter { state.slides[$0.slide] != nil && state.slides[$0.slide]?.failure == nil }
    }
}

extension Failure {
    /// - Parameters:
    ///   - rows: of the slide.
    ///   - devices: that were lost with them, the last one while it computed nothing else.
    ///   - failure: of the last one.
    fileprivate init(ofPatches rows: Range<Int>, _ devices: [String], _ failure: Failure) {
        let patches =
            rows.count == 1 ? "patch \(rows.lowerBound)" : "patches \(rows.lowerBound) to \(rows.upperBound - 1)"
        self.init(
            .workerSignal,
            failure.subject,
            "\(devices.joined(separator: " and then ")) were lost with \(patches) of it (\(failure.message)); "
                + "look at the slide, or make its features with --device cpu"
        )
    }
}
