import Config
import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

/// Folds on GPUs, some of which fail.
@Suite struct FoldQueueTests {
    private let lost = Failure(
        .io,
        nil,
        "cuda:1: backward(): CUDA error: unspecified launch failure; run the same command again"
    )

    private func name(_ fold: Int) throws -> UnitID { try UnitID(SlideID("fold_\(fold)")) }

    private func queue(_ folds: Int, gpus: Int, perGPU: Int = 1, first: Int = 0) -> FoldQueue<Int> {
        let slots = DeviceSlots((0..<gpus).map(ComputeDevice.cuda), workers: 16, perGPU: perGPU, first: first)
        return FoldQueue(Array(0..<folds), on: slots)
    }

    private func begin(_ queue: inout FoldQueue<Int>) -> [FoldQueue<Int>.Turn] {
        var turns: [FoldQueue<Int>.Turn] = []
        while let turn = queue.next() { turns.append(turn) }
        return turns
    }

    @Test func foldsOfHealthyGPUsGoOnAndTheLostOnesGoesToAnother() throws {
        var queue = queue(4, gpus: 2)
        let first = begin(&queue)
        #expect(first.map(\.fold) == [0, 1] && first.map(\.device) == [.cuda(0), .cuda(1)])
        let note = try queue.failed(first[1], name(1), lost)
        #expect(note.hasPrefix("fold_1 has failed on cuda:1: backward(): CUDA error"), "\(note)")
        #expect(queue.next() == nil, "the other one is at work")
        queue.ended(first[0])
        var order: [Int] = []
        while let turn = queue.next() {
            #expect(turn.device == .cuda(0))
            order.append(turn.fold)
            queue.ended(turn)
        }
        #expect(order == [1, 2, 3] && queue.failures.isEmpty && queue.waiting == 0)
    }

    /// As one whose bags fit on no GPU.
    @Test func aFoldThatFailsOnTwoIsReportedAndCostsNoGPU() throws {
        var queue = queue(3, gpus: 2)
        let first = begin(&queue)
        _ = try queue.failed(first[0], name(0), lost)
        queue.ended(first[1])
        let next = queue.next()
        let again = try #require(next)
        #expect((again.fold, again.device) == (0, .cuda(1)))
        let note = try queue.failed(again, name(0), lost)
        #expect(note.hasSuffix("it is left"), "\(note)")
        #expect(
            queue.failures.map(\.subject) == ["fold_0"] && queue.failures[0].message.hasPrefix("on cuda:1: backward()")
        )
        #expect(begin(&queue).map(\.fold) == [2])
        #expect(queue.failures[0].code.exitStatus == .temporary)
    }

    /// Else each of fifty folds would be begun on a GPU that is gone.
    @Test(arguments: [1, 2]) func aGPUOnWhichTwoFailOneAfterTheOtherIsNotTriedForEver(_ gpus: Int) throws {
        var (queue, begun) = (queue(50, gpus: gpus), 0)
        while let turn = queue.next() {
            begun += 1
            _ = try queue.failed(turn, name(turn.fold), lost)
        }
        #expect(begun <= 4 && queue.waiting > 40 && !queue.failures.isEmpty, "\(begun)")
    }

    @Test func onlyWhatMayBeTheDevicesIsTakenForIts() {
        typealias Queue = FoldQueue<Int>
        #expect(
            Queue.isOfDevice(Failure(.io, nil, ""), .cuda(0)) && Queue.isOfDevice(Failure(.torch, nil, ""), .cuda(3))
        )
        #expect(
            !Queue.isOfDevice(Failure(.io, nil, ""), .cpu) && !Queue.isOfDevice(Failure(.noSpace, nil, ""), .cuda(0))
        )
        #expect(!Queue.isOfDevice(Failure(.usage, nil, ""), .cuda(0)))
    }

    /// Commands of one fold each, on one machine, that know nothing of each other.
    @Test func commandsOfOneFoldEachBeginOnSeveralGPUs() {
        let devices = (0..<5).map { fold in
            var one = queue(1, gpus: 2, first: fold)
            return one.next()?.device
        }
        #expect(devices == [.cuda(0), .cuda(1), .cuda(0), .cuda(1), .cuda(0)])
        var four = queue(4, gpus: 3, perGPU: 2, first: 2)
        #expect(begin(&four).map(\.device) == [.cuda(2), .cuda(0), .cuda(1), .cuda(2)])
    }
}
