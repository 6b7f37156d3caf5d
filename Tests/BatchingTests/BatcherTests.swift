import Batching
import Foundation
import Records
import Synchronization
import Testing

@Suite struct BatcherTests {
    private final class Heard: Sendable {
        let notes = Mutex<[String]>([])
        let end = Mutex<Failure?>(nil)
    }

    private func running(
        _ networks: [FakeNetwork],
        batch: Int = 8,
        lanes: Int = 2,
        linger: Duration = .milliseconds(2)
    ) -> (Batcher, Heard) {
        let heard = Heard()
        let devices = networks.enumerated().map { BatchDevice("gpu:\($0)", [$1], batch: batch, lanes: lanes) }
        let batcher = Batcher(devices, linger: linger) { news in
            switch news {
            case .note(let text): heard.notes.withLock { $0.append(text) }
            case .ended(let failure): heard.end.withLock { $0 = failure }
            }
        }
        batcher.run()
        return (batcher, heard)
    }

    /// Every slide on a thread of its own.
    private func encoded(
        _ slides: [FakeSlide],
        by batcher: Batcher,
        chunk: Int = 5
    ) async -> [Result<(features: [Float], batch: Int?), any Error>] {
        await withTaskGroup { group in
            for (place, slide) in slides.enumerated() {
                group.addTask {
                    await withCheckedContinuation { done in
                        Thread.detachNewThread {
                            done.resume(returning: (place, Result { try slide.encoded(by: batcher, chunk: chunk) }))
                        }
                    }
                }
            }
            var ends: [Int: Result<(features: [Float], batch: Int?), any Error>] = [:]
            for await (place, end) in group { ends[place] = end }
            return slides.indices.compactMap { ends[$0] }
        }
    }

    private let slides = (0..<9).map { FakeSlide($0, [0, 1, 3, 8, 64, 17, 200, 5, 40][$0]) }

    @Test(arguments: [1, 2, 3]) func everySlideGetsItsOwnFeaturesInOrder(_ devices: Int) async throws {
        let networks = (0..<devices).map { _ in FakeNetwork(time: 0.0005) }
        let (batcher, _) = running(networks)
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        for (slide, end) in zip(slides, ends) {
            #expect(try end.get().features == slide.features)
            #expect(try end.get().batch == (slide.patches.isEmpty ? nil : 8))
        }
        // One shape, whatever fills it.
        #expect(networks.allSatisfy { $0.batches.allSatisfy { $0 == 8 } })
        #expect(networks.reduce(0) { $0 + $1.batches.count } < 60)
    }

    @Test func aSlideThatIsRefusedCostsItsOwnRowsAlone() async throws {
        let (batcher, heard) = running([FakeNetwork(.refuses(5))])
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        for (place, end) in ends.enumerated() where place != 5 {
            #expect(try end.get().features == slides[place].features)
        }
        #expect(throws: Failure(.torch, "fake", "cannot")) { try ends[5].get() }
        #expect(heard.notes.withLock { $0.isEmpty })
    }

    /// A batch of zeros tells whether any patch is the cause of what a library does not explain.
    @Test func whatIsUnclearIsTheSlidesWhereTheDeviceComputesWithoutIt() async throws {
        let (batcher, heard) = running([FakeNetwork(.unclear(5))])
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        for (place, end) in ends.enumerated() where place != 5 {
            #expect(try end.get().features == slides[place].features)
        }
        #expect(throws: BatchFault.self) { try ends[5].get() }
        #expect(heard.notes.withLock { $0.isEmpty } && heard.end.withLock { $0 == nil })
    }

    @Test func whatIsUnclearOfEveryBatchIsTheDevices() async throws {
        let (batcher, heard) = running([FakeNetwork(.unclear(nil)), FakeNetwork(time: 0.001)])
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        for (slide, end) in zip(slides, ends) { #expect(try end.get().features == slide.features) }
        let lost = "gpu:0 is lost, and its patches go to the other devices: CUDA error: invalid argument"
        #expect(heard.notes.withLock { $0 } == [lost])
    }

    /// What a lost device says of the other slides of its batch is nonsense.
    @Test func aDeviceThatIsLostWhileTheGuiltyIsSoughtAccusesNobody() async throws {
        let (batcher, _) = running([FakeNetwork(.refusesAndIsLost(7))], lanes: 1, linger: .seconds(60))
        defer { batcher.close() }
        let together = [slides[1], slides[7], slides[3]]
        let tickets = together.map { _ in batcher.begin(0) }
        for (slide, ticket) in zip(together, tickets) {
            let few = slide.patches.prefix(2)
            _ = try batcher.send(Array(few.joined()), count: few.count, side: 2, ticket)
        }
        tickets.forEach(batcher.end)
        for ticket in tickets {
            let failure = #expect(throws: Failure.self) { try batcher.finish(ticket) }
            #expect(failure?.code == .io, "\(failure?.message ?? "")")
        }
    }

    /// What goes wrong while slides are computed one by one may be the device's.
    @Test func wantOfMemoryWhileTheGuiltyIsSoughtIsNoSlides() async throws {
        let (batcher, heard) = running([FakeNetwork(.refusesAndRunsOut(5))], lanes: 1)
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        for (place, end) in ends.enumerated() where place != 5 {
            #expect(try end.get().features == slides[place].features)
        }
        #expect(throws: Failure(.torch, "fake", "cannot")) { try ends[5].get() }
        #expect(heard.notes.withLock { !$0.isEmpty })
    }

    @Test func networksOfOneDeviceHaveBatchesOfTheirOwn() async throws {
        let networks = [FakeNetwork(time: 0.0005), FakeNetwork(time: 0.0005)]
        let batcher = Batcher([BatchDevice("gpu", networks, batch: 8, lanes: 2)])
        batcher.run()
        defer { batcher.close() }
        let slides = slides
        let ends = await withTaskGroup { group in
            for (place, slide) in slides.enumerated() {
                for network in 0..<2 {
                    group.addTask {
                        await withCheckedContinuation { done in
                            Thread.detachNewThread {
                                let end = Result { try slide.encoded(by: batcher, chunk: 7, network: network) }
                                done.resume(returning: (place, end.map(\.features)))
                            }
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(ends.count == 2 * slides.count)
        for (place, end) in ends { #expect(try end.get() == slides[place].features) }
        #expect(networks.allSatisfy { $0.batches.allSatisfy { $0 == 8 } && $0.batches.count < 60 })
    }

    /// A slide whose file cannot be written goes, and what of it is computed finds nobody.
    @Test func aSlideThatIsDroppedWhileItIsComputedHoldsUpNobody() async throws {
        let (batcher, _) = running([FakeNetwork(time: 0.02)], lanes: 1)
        defer { batcher.close() }
        let ticket = batcher.begin(0)
        let gone = FakeSlide(1, 12)
        _ = try batcher.send(Array(gone.patches.joined()), count: 12, side: 2, ticket)
        try await Task.sleep(for: .milliseconds(5))
        batcher.drop(ticket)
        #expect(throws: Failure.self) { try batcher.send(gone.patches[0], count: 1, side: 2, ticket) }
        let ends = await encoded([slides[4]], by: batcher)
        #expect(try ends[0].get().features == slides[4].features)
    }

    @Test(arguments: [
        ("CUDA out of memory. Tried to allocate 2.00 GiB", "memory"), ("CUBLAS_STATUS_ALLOC_FAILED", "memory"),
        ("CUDA error: an illegal memory access was encountered", "device"), ("CUDNN_STATUS_EXECUTION_FAILED", "device"),
        ("CUDNN_STATUS_NOT_SUPPORTED", "unclear"), ("CUDA error: invalid configuration argument", "unclear"),
        ("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`", "device"),
        ("The size of tensor a (3) must match", "neither"),
    ]) func libTorchsWordsTellWhatIsTheDevices(message: String, kind: String) {
        let found =
            switch BatchFault("vit", message) {
            case .memory(let failure): failure.code == .io ? "memory" : "another code"
            case .device(let failure): failure.code == .io ? "device" : "another code"
            case .unclear: "unclear"
            case nil: "neither"
            }
        #expect(found == kind)
    }

    @Test func aFeatureThatIsNoNumberFailsItsSlideAndNamesThePatch() async throws {
        let (batcher, _) = running([FakeNetwork(.noNumber(7))])
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        let failure = try #require(throws: Failure.self) { try ends[7].get() }
        #expect(failure.code == .nonFinite)
        #expect(failure.message == "patch 0 gave a feature that is no finite number")
        #expect(try ends[6].get().features == slides[6].features)
    }

    @Test func batchesThatDoNotFitAreHalvedUntilTheyDo() async throws {
        let network = FakeNetwork(.memoryAbove(3))
        let (batcher, heard) = running([network])
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        for (slide, end) in zip(slides, ends) { #expect(try end.get().features == slide.features) }
        #expect(try ends[6].get().batch == 2)
        #expect(
            heard.notes.withLock { $0 } == [
                "gpu:0 has too little memory for 8 patches at a time; it goes on with 4",
                "gpu:0 has too little memory for 4 patches at a time; it goes on with 2",
            ]
        )
    }

    @Test func aDeviceWithoutRoomForOnePatchFailsInWords() async throws {
        let (batcher, _) = running([FakeNetwork(.memoryAbove(0))])
        defer { batcher.close() }
        let ends = await encoded([slides[4]], by: batcher)
        #expect(throws: Failure(.io, "gpu", "out of memory")) { try ends[0].get() }
    }

    @Test func aDeviceThatIsLostCostsNoPatches() async throws {
        let (lost, other) = (FakeNetwork(.lostAfter(3), time: 0.001), FakeNetwork(time: 0.001))
        let (batcher, heard) = running([lost, other])
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        for (slide, end) in zip(slides, ends) { #expect(try end.get().features == slide.features) }
        #expect(heard.notes.withLock { $0 } == ["gpu:0 is lost, and its patches go to the other devices: CUDA error"])
        #expect(heard.end.withLock { $0 } == nil)
    }

    /// Four devices that one patch each would cost, one after the other, of two lanes each: what another lane computed is innocent.
    @Test func patchesThatHaveCostTwoDevicesFailTheirSlideAndCostNoThird() async throws {
        let networks = (0..<4).map { _ in FakeNetwork(.lostBy(1), time: 0.002) }
        let (batcher, heard) = running(networks)
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        for (place, end) in ends.enumerated() where place != 1 {
            #expect(try end.get().features == slides[place].features)
        }
        let failure = try #require(throws: Failure.self) { try ends[1].get() }
        #expect(failure.code == .workerSignal)
        let words =
            /gpu:\d and then gpu:\d were lost with patch 0 of it \(CUDA error: unspecified launch failure\); .*--device cpu/
        #expect(failure.message.wholeMatch(of: words) != nil, "\(failure.message)")
        #expect(networks.count { $0.isLost } == 2)
        let notes = heard.notes.withLock { $0 }
        #expect(notes.count == 2 && notes.last?.contains("goes to no third device") == true, "\(notes)")
        #expect(heard.end.withLock { $0 } == nil)
    }

    /// Where there is no other device left no slide is accused: the process ends, and is started once more.
    @Test func patchesThatCostTheLastDeviceAreNotAccused() async throws {
        let (batcher, heard) = running((0..<2).map { _ in FakeNetwork(.lostBy(1)) }, lanes: 1)
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        let failure = try #require(throws: Failure.self) { try ends[1].get() }
        #expect(failure.code == .io)
        #expect(heard.end.withLock { $0?.code } == .io)
    }

    @Test func withTheLastDeviceAllEnds() async throws {
        let (batcher, heard) = running([FakeNetwork(.lostAfter(2)), FakeNetwork(.lostAfter(2))])
        defer { batcher.close() }
        let ends = await encoded(slides, by: batcher)
        #expect(ends.contains { if case .failure(let error as Failure) = $0 { error.code == .torch } else { false } })
        #expect(heard.end.withLock { $0?.message } == "CUDA error")
    }

    @Test func aReaderWaitsWhereTooMuchLiesReady() async throws {
        let network = FakeNetwork(time: 0.05)
        let (batcher, _) = running([network], batch: 4, lanes: 1)
        defer { batcher.close() }
        let slide = FakeSlide(1, 64)
        let ticket = batcher.begin(0)
        var sent = 0
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .milliseconds(100), sent < 64 {
            _ = try batcher.send(slide.patches[sent], count: 1, side: 2, ticket)
            sent += 1
        }
        // Two batches that wait, one that is computed, and what was computed meanwhile.
        #expect(sent <= 8 + 4 * (network.batches.count + 1), "\(sent)")
        #expect(sent < 64)
        batcher.drop(ticket)
    }
}
