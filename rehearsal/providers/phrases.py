"""The scripted receptionist's sentences, in English and Portuguese. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    greeting: str
    of_course: str
    listening: str
    no_hours: str
    no_clock: str
    clock: str
    you_are: str
    noted: str
    unknown_caller: str
    your_question: str
    yes: str
    no: str
    you_are_welcome: str
    still_there: str
    anything_else: str
    you_said: str
    say_again: str
    failed: str
    done: str
    goodbye: str
    book_when: str
    book_time: str
    putting_through: str
    summary: str
    morning: str
    afternoon: str
    evening: str


ENGLISH = Phrases(
    greeting="Hello{name}, thank you for calling. How can I help you?",
    of_course="Of course{name}.",
    listening="Of course{name}, I am listening.",
    no_hours="I am sorry, I was not told the opening hours.",
    no_clock="I am sorry, I cannot see a clock at the moment.",
    clock="It is {time} {part_of_day}, {weekday}.",
    you_are="You are {name}, according to our records.",
    noted="I have a note here: {fact}",
    unknown_caller="I am sorry, I do not find you in our records.",
    your_question="Of course{name}. What is your question?",
    yes="Very well. What would you like to know?",
    no="All right. Is there anything else I can help you with?",
    you_are_welcome="You are welcome{name}. Is there anything else?",
    still_there="Are you still there?",
    anything_else="Is there anything else I can help you with?",
    you_said="You said: {words}. Could you tell me a little more about that?",
    say_again="I am sorry, I did not understand. Could you say that again?",
    failed="I am sorry, that did not work just now.",
    done="That is done.",
    goodbye="Thank you for calling{name}. Goodbye.",
    book_when="Which day and time would you like?",
    book_time="At what time?",
    putting_through="One moment please, I am putting you through.",
    summary="The caller said: {words}",
    morning="in the morning",
    afternoon="in the afternoon",
    evening="in the evening",
)

PORTUGUESE = Phrases(
    greeting="Olá{name}, obrigado por ligar. Em que posso ajudar?",
    of_course="Claro{name}.",
    listening="Claro{name}, diga por favor.",
    no_hours="Peço desculpa, não me disseram o horário.",
    no_clock="Peço desculpa, neste momento não consigo ver as horas.",
    clock="São {time} {part_of_day}.",
    you_are="Fala com o nome {name}, segundo os nossos registos.",
    noted="Tenho aqui uma nota: {fact}",
    unknown_caller="Peço desculpa, não encontro os seus dados.",
    your_question="Claro{name}. Qual é a sua pergunta?",
    yes="Muito bem. O que gostaria de saber?",
    no="Está bem. Posso ajudar em mais alguma coisa?",
    you_are_welcome="De nada{name}. Posso ajudar em mais alguma coisa?",
    still_there="Ainda está em linha?",
    anything_else="Posso ajudar em mais alguma coisa?",
    you_said="Disse: {words}. Pode explicar um pouco melhor?",
    say_again="Peço desculpa, não percebi. Pode repetir?",
    failed="Peço desculpa, isso não funcionou agora.",
    done="Está feito.",
    goodbye="Obrigado por ligar{name}. Adeus.",
    book_when="Para que dia e a que horas?",
    book_time="A que horas?",
    putting_through="Um momento, por favor, vou passar a chamada.",
    summary="Quem liga disse: {words}",
    morning="da manhã",
    afternoon="da tarde",
    evening="da noite",
)
