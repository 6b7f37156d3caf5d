import Records

/// What becomes of batches that were not computed.
extension Batcher {
    func fail(_ piece: BatchQueue.Piece, _ error: any Error, _ state: inout State) {
        guard let network = state.slides[piece.slide]?.network else { return }
        state.slides[piece.slide]?.fail(error)
        state.queues[network].drop(piece.slide)
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
            let alone = Work(network: work.network, pieces: [piece], pixels: [pixels], batch: work.batch)
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

    /// The other devices take its batches.
    func lose(_ device: Int, _ work: Work, _ failure: Failure) {
        let goesOn = state.change { state in
            let isNew = state.batches[device] > 0
            putBack(work, &state)
            state.batches[device] = 0
            state.loss = failure
            // Said before any slide hears of it: none of them is to blame.
            if isNew, !state.hasDevice { news(.ended(failure)) }
            return isNew && state.hasDevice
        }
        guard goesOn else { return }
        let name = devices[device].name
        let text = "\(name) is lost, and its patches go to the other devices: \(failure.message)"
        news(.note(text))
    }

    private func putBack(_ work: Work, _ state: inout State) {
        let pieces = work.pieces.filter { state.slides[$0.slide] != nil && state.slides[$0.slide]?.failure == nil }
        state.queues[work.network].putBack(pieces)
    }
}
