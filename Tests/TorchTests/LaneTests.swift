import Foundation
import Testing
import Torch

/// On a CPU a lane only copies; that it keeps what it is given apart holds there too.
@Suite struct LaneTests {
    @Test(arguments: [0, 1, 7, 100_003]) func whatIsSentComesBack(count: Int) throws {
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

/// In processes of their own: the settings are the process's.
@Suite struct RepeatableCUDATests {
    @Test func theWorkspaceIsFixedAndTheProcessorComputesAsBefore() async {
        await #expect(processExitsWith: .success) {
            let matrix = try Tensor((0..<64).map { Float($0) / 7 }, shape: [8, 8])
            let before = try matrix.matmul(matrix).softmax(dim: 1).floats()
            // Twice: a process may load several encoders.
            for _ in 0..<2 {
                try LibTorch.makeCUDARepeatable()
                let set = getenv(LibTorch.workspaceVariable).map { String(cString: $0) }
                guard set == ":4096:8" else { exit(1) }
            }
            guard try matrix.matmul(matrix).softmax(dim: 1).floats() == before else { exit(1) }
        }
    }

    @Test func anotherWorkspaceIsRefusedInOneLine() async {
        await #expect(processExitsWith: .success) {
            setenv(LibTorch.workspaceVariable, ":16:8", 1)
            do {
                try LibTorch.makeCUDARepeatable()
                exit(1)
            } catch let error as TorchError {
                let isSaid =
                    error.operation == "CUBLAS_WORKSPACE_CONFIG"
                    && error.message
                        == "':16:8' would change the last digits of results; unset it, or set :4096:8"
                guard isSaid else { exit(1) }
            }
        }
    }
}
