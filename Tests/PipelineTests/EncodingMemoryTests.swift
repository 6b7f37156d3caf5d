import Config
import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

/// What the encoders' process takes of the memory that readers share with it.
@Suite struct EncodingMemoryTests {
    private static let large = EncodingMemory.Encoder(input: 224, dim: 1024, weights: 1_213_000_000)
    private static let other = EncodingMemory.Encoder(input: 448, dim: 1536, weights: 0)

    private func memory(
        _ devices: [ComputeDevice],
        _ encoders: [EncodingMemory.Encoder] = [large],
        readers: Int = 16
    ) -> EncodingMemory {
        EncodingMemory(devices: devices, threads: 8, encoders: encoders, side: 224, readers: readers)
    }

    private func cuda(_ count: Int) -> [ComputeDevice] { (0..<count).map(ComputeDevice.cuda) }

    @Test func itIsWhatLiesInBatchesAndBuffers() {
        // LibTorch 419.4 MB; a GPU's lanes 235.4, what waits for it 154.1, messages of readers 77.1.
        #expect(memory(cuda(1)).bytes == 886_046_720)
        #expect(memory(cuda(8)).bytes == 3_612_868_608)
        // A processor has the weights, and small batches.
        #expect(memory([.cpu]).bytes == 1_758_193_984)
        // Page-locked memory ends at 64 MB; networks share what may wait, and each lane has room for the largest.
        #expect(memory(cuda(1), [Self.large, Self.other], readers: 0).bytes == 1_561_853_952)
    }

    @Test func sizesThatNobodyCanHaveOverflowNothing() {
        let vast = EncodingMemory.Encoder(input: .max, dim: .max, weights: .max)
        #expect(memory(cuda(2) + [.cpu], [vast, vast]).bytes == .max)
        #expect(memory([], []).bytes > 0)
    }

    private func settings(megabytes: Int) throws -> WorkSettings {
        let environment = ["SLURM_MEM_PER_NODE": "\(megabytes)"]
        let share = MachineShare(root: "/none", environment: environment, threads: 8)
        let room = try WorkerRoom(workers: nil, memory: nil, share: share)
        let programs = Programs(wsi: "/none", compute: "/none")
        return WorkSettings(workers: room.workers, waiting: room.waiting, programs: programs, room: room)
    }

    /// Readers beside the process, those that wait, and what is said.
    private func readers(beside devices: [ComputeDevice], of megabytes: Int) throws -> (Int, Int, [String]) {
        var notes: [String] = []
        let settings = try settings(megabytes: megabytes)
        let left = settings.beside(memory(devices).bytes, "the batches on \(ComputeDevice.list(devices))") {
            notes.append($0)
        }
        return (left.workers, left.waiting, notes)
    }

    @Test func manyDevicesLeaveRoomForFewerReaders() throws {
        let one = try readers(beside: cuda(1), of: 6144)
        #expect((one.0, one.1, one.2) == (8, 5, []))
        let eight = try readers(beside: cuda(8), of: 6144)
        #expect((eight.0, eight.1) == (6, 0))
        let text =
            "6 workers for 8: 6.4 GB of memory may be used (SLURM_MEM_PER_NODE), and one may take 419 MB; 3.6 GB may go to the batches on "
        #expect(eight.2.count == 1 && eight.2[0].hasPrefix(text + "cuda:0, cuda:1"), "\(eight.2)")
        #expect(eight.2.first?.hasSuffix("cuda:6 and cuda:7") == true)
    }

    /// The work is begun nevertheless: what is known of memory is an estimate.
    @Test func whereNoReaderFitsThatIsSaidAndOneReads() throws {
        let (workers, waiting, notes) = try readers(beside: cuda(8), of: 3072)
        #expect((workers, waiting, notes.count) == (1, 0, 2))
        #expect(notes.first?.hasPrefix("warning: 3.6 GB may go to the batches on cuda:0, ") == true)
        #expect(notes.first?.hasSuffix("(SLURM_MEM_PER_NODE); ask for more, or name fewer devices") == true)
    }

    @Test func whereNothingBoundsMemoryNothingChanges() {
        let settings = WorkSettings(workers: 3, waiting: 2, programs: Programs(wsi: "/none", compute: "/none"))
        let left = settings.beside(.max, "the batches") { _ in Issue.record("nothing is to be said") }
        #expect((left.workers, left.waiting) == (3, 2))
    }

    @Test func theSideOfAPatchStandsInTheNameOfItsGrid() {
        #expect(JobLayout.patchSize(ofGrid: "20x_256px_0px_overlap") == 256)
        #expect(JobLayout.patchSize(ofGrid: "5.7143x_1024px_-16px_overlap") == 1024)
        #expect(JobLayout.patchSize(ofGrid: "features") == nil)
    }
}
