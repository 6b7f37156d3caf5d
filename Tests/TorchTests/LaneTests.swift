import Foundation
import TestSupport
import Testing
import Torch

/// On a CPU a lane only copies; that it keeps what it is given apart holds there too.
@Suite struct LaneTests {
    /// The last goes through page-locked memory in two parts.
    @Test(arguments: [0, 1, 7, 100_003, 17_000_003]) func whatIsSentComesBack(count: Int) throws {
        let floats = (0..<count).map { Float($0) * 0.25 - 3 }
        let found = try Lane.with(.cpu) { lane in
            let sent = try floats.withUnsafeBytes { try lane.send($0, .float32, shape: [count]) }
            #expect(sent.shape == [count] && sent.dtype == .float32 && sent.device == .cpu)
            return try lane.floats(of: sent)
        }
        #expect(found == floats)
    }

    @Test func bytesKeepTheirShapeAndAnyTypeComesBackAsFP32() throws {
        let bytes = (0..<24).map { UInt8($0 * 10) }
        try Lane.with(.cpu) { lane in
            let sent = try bytes.withUnsafeBytes { try lane.send($0, .uint8, shape: [2, 2, 2, 3]) }
            let planes = try sent.permute([0, 3, 1, 2])
            #expect(try lane.floats(of: planes).prefix(5) == [0, 30, 60, 90, 10])
            #expect(try lane.floats(of: planes.to(.bfloat16)).prefix(4) == [0, 30, 60, 90])
        }
    }

    /// The memory that things are sent through is one.
    @Test func whatIsSentNextLeavesWhatWasSentBefore() throws {
        let first = try Lane.with(.cpu) { lane in
            let (ones, twos) = ([Float](repeating: 1, count: 10), [Float](repeating: 2, count: 1000))
            let first = try ones.withUnsafeBytes { try lane.send($0, .float32, shape: [10]) }
            let second = try twos.withUnsafeBytes { try lane.send($0, .float32, shape: [1000]) }
            #expect(try lane.floats(of: second) == twos)
            #expect(try lane.floats(of: first) == ones)
            return first
        }
        try Lane.with(.cpu) { lane in
            let threes = [Float](repeating: 3, count: 10)
            _ = try threes.withUnsafeBytes { try lane.send($0, .float32, shape: [10]) }
        }
        #expect(try first.handedOver().floats() == [Float](repeating: 1, count: 10))
    }

    @Test func anErrorLeavesALaneForTheNext() throws {
        let bytes = [UInt8](repeating: 7, count: 6)
        #expect(throws: TorchError.self) {
            try Lane.with(.cpu) { lane in
                _ = try bytes.withUnsafeBytes { try lane.send($0, .uint8, shape: [5]) }
            }
        }
        let found = try Lane.with(.cpu) { lane in
            try lane.floats(of: bytes.withUnsafeBytes { try lane.send($0, .uint8, shape: [6]) })
        }
        #expect(found == bytes.map { Float($0) })
        try LibTorch.wait(for: .cpu)
    }

    @Test func threadsThatSendAtOnceGetTheirOwn() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for thread in 0..<16 {
                group.addTask {
                    for round in 0..<20 {
                        let values = [Float](repeating: Float(thread * 100 + round), count: 1 + thread * 50)
                        let found = try Lane.with(.cpu) { lane in
                            let sent = try values.withUnsafeBytes {
                                try lane.send($0, .float32, shape: [values.count])
                            }
                            return try lane.floats(of: sent * 2)
                        }
                        if found != values.map({ $0 * 2 }) { return false }
                    }
                    return true
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }
}

/// In processes of their own: what is loaded stays, and what is wrong would end them.
@Suite struct LostLaneTests {
    @Test func aLaneIsWaitedForBeforeItGoes() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let queues = try FakeQueues(in: scratch.folder, libtorch: LibTorch.file)
            struct Stop: Error {}
            // One that an error has stopped is given up, and freed once its device has done with it.
            do { try Lane.with(.cpu) { _ in throw Stop() } } catch is Stop {}
            guard queues.waits == 1 else { exit(1) }
        }
    }

    @Test func aLaneWhoseDeviceIsLostEndsNoProcess() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let queues = try FakeQueues(in: scratch.folder, libtorch: LibTorch.file)
            queues.lose()
            let bytes = [UInt8](repeating: 7, count: 6)
            for round in 1...2 {
                do {
                    try Lane.with(.cpu) { lane in
                        let sent = try bytes.withUnsafeBytes { try lane.send($0, .uint8, shape: [6]) }
                        _ = try lane.floats(of: sent)
                    }
                    exit(1)
                } catch let error as TorchError {
                    guard error.message.contains("unspecified launch failure") else { exit(2) }
                }
                // Once for the numbers, once before it would have been freed.
                guard queues.waits == 2 * round else { exit(3) }
            }
        }
    }

    @Test func whatWasHandedOverIsWaitedForByItsLastOwner() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let queues = try FakeQueues(in: scratch.folder, libtorch: LibTorch.file)
            let made = try Tensor([1, 2, 3, 4], shape: [2, 2])
            var view: Tensor? = try made.handedOver().permute([1, 0])
            guard queues.waits == 0, try view?.floats() == [1, 3, 2, 4] else { exit(1) }
            view = nil
            guard queues.waits == 1 else { exit(2) }
            var other: Tensor? = try made.handedOver()
            queues.lose()
            guard try other?.floats() == [1, 2, 3, 4] else { exit(3) }
            other = nil
            guard queues.waits == 2 else { exit(4) }
        }
    }
}

/// In processes of their own: the settings are the process's.
@Suite struct RepeatableCUDATests {
    @Test func theWorkspaceIsFixedAndTheProcessorComputesAsBefore() async {
        await #expect(processExitsWith: .success) {
            let matrix = try Tensor((0..<64).map { Float($0) / 7 }, shape: [8, 8])
            let before = try matrix.matmul(matrix).softmax(dim: 1).floats()
            // Twice: a process may load several encoders.
            for _ in 0..<2 {
                try LibTorch.makeCUDARepeatable()
                let set = getenv("CUBLAS_WORKSPACE_CONFIG").map { String(cString: $0) }
                guard set == ":4096:8" else { exit(1) }
            }
            guard try matrix.matmul(matrix).softmax(dim: 1).floats() == before else { exit(1) }
        }
    }

    /// Containers set this one for all that runs in them. Where it is not overridden every product on CUDA fails.
    @Test func theSwitchOfContainersForTF32IsOverridden() async {
        await #expect(processExitsWith: .success) {
            setenv("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "1", 1)
            try LibTorch.makeCUDARepeatable()
        }
    }

    @Test func variablesThatChangeResultsAreRefusedInOneLine() async {
        await #expect(processExitsWith: .success) {
            for (name, value, harmless) in [
                ("CUBLAS_WORKSPACE_CONFIG", ":16:8", ":4096:8"), ("NVIDIA_TF32_OVERRIDE", "1", "0"),
            ] {
                setenv(name, value, 1)
                do {
                    try LibTorch.checkCUDAEnvironment()
                    exit(1)
                } catch {
                    let wanted = "'\(value)' would change the last digits of results; unset it, or set \(harmless)"
                    guard error as? TorchError == TorchError(name, wanted) else { exit(2) }
                }
                do {
                    try LibTorch.makeCUDARepeatable()
                    exit(3)
                } catch { guard (error as? TorchError)?.operation == name else { exit(4) } }
                setenv(name, harmless, 1)
                try LibTorch.checkCUDAEnvironment()
            }
        }
    }
}
