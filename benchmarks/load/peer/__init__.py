"""The set-up that is usual: Pipecat's published Twilio example, on FastAPI and uvicorn.

Written out after pipecat-ai/pipecat-examples, twilio-chatbot/inbound (July 2026), and the
development runner that serves it. What differs, and why, stands in bot.py.
"""
